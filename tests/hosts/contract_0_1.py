from datetime import datetime

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from illumichat_sms_plugin.host import Assistant, ChatMessage, Contact, Person, Role, Workspace


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Entry(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    chat: Mapped[str]
    role: Mapped[str]
    content: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class Phone(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)


class Assistants:
    def find(self, assistant_id):
        known = {"ast_support": Assistant("ast_support", "Support", Workspace("ws_1", "Example"))}
        return known.get(assistant_id)

    def answer(self, request):
        return "We are open from 9 to 17."


class Chats:
    def open(self, *, assistant_id, title, key):
        return key

    def append(self, chat_id, message):
        key = f"{chat_id}/{message.key}"
        if db.session.query(Entry).filter_by(key=key).first() is None:
            db.session.add(Entry(chat=chat_id, role=message.role, content=message.content, key=key,
                                 created_at=message.created_at))
            db.session.commit()

    def read(self, chat_id, *, limit):
        newest = db.session.query(Entry).filter_by(chat=chat_id).order_by(Entry.id.desc()).limit(limit)
        return [ChatMessage(e.role, e.content, e.key, e.created_at) for e in reversed(newest.all())]

    def url(self, chat_id):
        return f"/chats/{chat_id}"


class Contacts:
    def find_by_number(self, workspace_id, number):
        found = db.session.query(Phone).filter_by(number=number).first()
        return Contact(str(found.id), number, number) if found else None

    def create(self, workspace_id, *, number, source, key):
        db.session.add(Phone(number=number))
        db.session.commit()
        return self.find_by_number(workspace_id, number)

    def get(self, workspace_id, contact_ids):
        phones = [db.session.get(Phone, int(contact_id)) for contact_id in contact_ids]
        return {str(p.id): Contact(str(p.id), p.number, p.number) for p in phones if p}

    def search(self, workspace_id, text, *, limit):
        found = db.session.query(Phone).filter(Phone.number.contains(text)).limit(limit)
        return [Contact(str(p.id), p.number, p.number) for p in found]

    def url(self, contact_id):
        return f"/contacts/{contact_id}"


class Access:
    def caller(self):
        return Person("1", "Owner")

    def role(self, person, workspace_id):
        return Role.OWNER

    def sign_in_url(self, next_url):
        return "/sign-in"


class Pages:
    layout = "layout.html"

    def __init__(self):
        self.slots = {}

    def add_slot(self, slot, render):
        self.slots[slot] = render

    def exempt_from_csrf(self, view):
        pass

    def csrf_token(self):
        return ""

    def channels_url(self, assistant_id):
        return "/"


class Host:
    def __init__(self):
        self.assistants, self.chats, self.contacts = Assistants(), Chats(), Contacts()
        self.access, self.pages = Access(), Pages()


def create_app(config):
    from illumichat_sms_plugin.plugin import SmsPlugin

    app = Flask(__name__)
    app.config.from_mapping(config)
    db.init_app(app)
    SmsPlugin().init_app(app, Host())
    with app.app_context():
        db.create_all()
    return app
