"""What people ask a shop by text, and what its assistant answers."""

from __future__ import annotations

CHATS: tuple[tuple[tuple[str, str], ...], ...] = (
    (
        (
            "What are your opening hours?",
            "We are open Monday to Friday from 9 to 17, and on Saturday from 10 to 14.",
        ),
        ("And on Sunday?", "We are closed on Sundays. Can I help you with something here?"),
        ("No thanks", "You're welcome. Have a nice day!"),
    ),
    (
        (
            "Do you repair toasters?",
            "Yes. Bring it in during opening hours; the first look is free of charge.",
        ),
        (
            "How long does it take",
            "Most repairs are ready within three working days. We text you when yours is done.",
        ),
    ),
    (
        (
            "Where is my order 48213?",
            "Order 48213 left our warehouse yesterday and should reach you by Thursday.",
        ),
        ("thx", "Glad to help!"),
    ),
    (
        (
            "Hi, I bought a kettle two weeks ago and it stopped working, can I return it?",
            "I'm sorry to hear that. You can return it within 30 days with the receipt, or we repair it under warranty. "
            "Which would you prefer?",
        ),
        (
            "Repair please",
            "Thank you. Please bring it to our shop, or reply with your address and we arrange a pick-up.",
        ),
        ("I come by tomorrow", "Perfect. We open at 9. Please bring the receipt."),
    ),
    (("Is parking available?", "Yes, there is free parking behind the shop, for up to two hours."),),
    (
        ("Can I speak to someone?", "A colleague will call you back within the hour. Is this number right?"),
        ("Yes", "Thank you, it is noted."),
    ),
    (
        (
            "Do you have the X200 in stock?",
            "The X200 is in stock in black and white. Shall we put one aside for you?",
        ),
        ("Black please 🙏", "Done! It is held for you until Saturday. 👍"),
    ),
    (
        ("¿Hablan español?", "¡Sí! ¿En qué puedo ayudarle?"),
        ("Quiero cambiar mi cita", "Claro. ¿Qué día le conviene, el martes o el jueves por la mañana?"),
        ("El jueves", "Perfecto, queda para el jueves a las 10. Le esperamos."),
    ),
    (
        ("Can I move my appointment to Friday?", "Of course. Friday at 11 or at 15, which suits you better?"),
        ("15", "Your appointment is on Friday at 15:00. See you then!"),
    ),
    (
        ("How much is delivery?", "Delivery is free above 50 dollars, and 4.90 dollars below."),
        (
            "And abroad?",
            "We deliver to Canada and Mexico for 14.90 dollars. It takes five to seven working days.",
        ),
    ),
    (("whats the warranty on the coffee machine", "Two years on all parts, and five years on the pump."),),
    (
        (
            "This is what the display shows",
            "Thank you. I cannot see pictures; could you type the code it shows?",
        ),
        (
            "E04",
            "E04 means that the water tank is not seated. Take it out, wait ten seconds, and put it back firmly.",
        ),
        ("That worked, great", "Wonderful! Enjoy your coffee."),
    ),
)
"""Conversations of one to three questions with their answers."""

APOLOGY = "Sorry, I cannot answer just now. Please try again later."
WISHES = ("Please stop texting me", "Take me off your list please", "No me manden más mensajes")
"""What ends the texts as well as STOP; the plugin confirms these itself."""
UNCLEAR_WISHES = (
    ("Stop the reminders", "no I still want the pick-up text"),
    ("stop these alerts", "Stop texting me"),
)
"""What may be a wish, and what the texter says when asked."""
LONG_ANSWER = (
    "What is the repair process?",
    "1. Bring the device to our shop, Monday to Friday from 9 to 17, with the receipt if you have it. "
    "2. We look at it while you wait; the first look is free of charge. "
    "3. You get the price by text. Nothing is repaired before you say yes.",
    "4. Most repairs are ready within three working days; a text says when. "
    "5. Pay at the counter, by card or in cash. Repairs have a warranty of six months.",
)
"""A question, the part of its answer that fits, and the rest."""
FORMER_NUMBER = "+12125550100"
"""A number that the shop had once; some people still text it."""
REACTIONS = ("Liked “You're welcome. Have a nice day!”", "👍 to “Glad to help!”")
CODES = ("Your verification code is 552013.", "Your code: 8841. Do not share it.")
