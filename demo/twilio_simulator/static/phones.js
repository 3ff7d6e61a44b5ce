// The page: which phones are on the table, remembered in this browser, and the polling.
"use strict";

const POLL_MS = 700;
const MAX_PHONES = 6;
const REMEMBER = "twilio-simulator-phones";

class Page {
  constructor() {
    this.table = document.getElementById("phones");
    this.known = [...document.querySelectorAll("#known-phones option")].map((option) => option.value);
    this.phones = [];
    this.version = "";
    this.panel = new Panel(this);
    for (const state of this.remembered()) this.put(state);
    document.getElementById("add-phone").addEventListener("click", () => this.add());
    document.addEventListener("visibilitychange", () => this.poll());
    this.loop();
  }

  remembered() {
    try {
      const states = JSON.parse(localStorage.getItem(REMEMBER));
      if (Array.isArray(states) && states.length && states.every((s) => s.own)) return states.slice(0, MAX_PHONES);
    } catch {
      // nothing usable is remembered: start afresh
    }
    const states = this.known.slice(0, window.innerWidth > 1150 ? 2 : 1).map((own) => ({ own, their: "" }));
    return states;
  }

  put(state) {
    const phone = new Phone(state, this);
    this.phones.push(phone);
    this.table.append(phone.element);
    this.updateButtons();
    return phone;
  }

  add() {
    const taken = new Set(this.phones.map((phone) => phone.state.own));
    let own = this.known.find((number) => !taken.has(number));
    for (let digits = 4; !own; digits += 1) {
      const candidate = `+1555765${String(digits).padStart(4, "0")}`;
      if (!taken.has(candidate)) own = candidate;
    }
    const phone = this.put({ own, their: "" });
    this.changed();
    phone.find("textarea").focus();
  }

  remove(phone) {
    this.phones = this.phones.filter((each) => each !== phone);
    phone.element.remove();
    this.updateButtons();
    this.changed();
    document.getElementById("add-phone").focus();
  }

  updateButtons() {
    document.getElementById("add-phone").disabled = this.phones.length >= MAX_PHONES;
    for (const phone of this.phones) phone.find(".remove").hidden = this.phones.length === 1;
  }

  changed() {
    localStorage.setItem(REMEMBER, JSON.stringify(this.phones.map((phone) => phone.state)));
    this.version = "";
    this.poll();
  }

  complain(sentence) {
    const banner = document.getElementById("offline");
    banner.hidden = !sentence;
    setText(banner, sentence);
  }

  async loop() {
    for (;;) {
      if (!document.hidden) await this.poll();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async poll() {
    const query = new URLSearchParams({ version: this.version });
    for (const phone of this.phones) query.append("phone", phone.state.own);
    const asked = query.toString();
    let feed;
    try {
      feed = await call("GET", `/_sim/feed?${asked}`);
    } catch {
      this.version = "";
      return this.complain("The simulator does not answer. It is asked again and again.");
    }
    if (!feed.phones) return undefined;
    this.complain("");
    this.version = String(feed.version);
    for (const phone of this.phones) {
      const messages = feed.phones[phone.state.own];
      if (messages) phone.update(messages, feed.numbers);
    }
    this.panel.update(feed);
    return undefined;
  }
}

document.addEventListener("DOMContentLoaded", () => new Page());
