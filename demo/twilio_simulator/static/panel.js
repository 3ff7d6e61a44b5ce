// Behind the scenes: faults, traffic, the debugger, and the console with numbers and accounts.
"use strict";

class Panel {
  constructor(page) {
    this.page = page;
    this.listenToTabs();
    for (const form of document.querySelectorAll("form.fault")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.addFault(form);
      });
    }
    const press = (id, path, body) =>
      document.getElementById(id).addEventListener("click", () => this.act("POST", path, body));
    press("hold", "/_sim/hold-callbacks", {});
    press("release", "/_sim/release-callbacks", {});
    press("release-reversed", "/_sim/release-callbacks", { reverse: true });
  }

  listenToTabs() {
    const tabs = [...document.querySelectorAll("[role=tab]")];
    const show = (tab) => {
      for (const each of tabs) {
        const on = each === tab;
        each.setAttribute("aria-selected", String(on));
        each.tabIndex = on ? 0 : -1;
        document.getElementById(each.getAttribute("aria-controls")).hidden = !on;
      }
    };
    tabs.forEach((tab, index) => {
      tab.addEventListener("click", () => show(tab));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = tabs[(index + step + tabs.length) % tabs.length];
        next.focus();
        show(next);
      });
    });
  }

  async addFault(form) {
    const times = document.getElementById("fault-times").value;
    const fault = { kind: form.dataset.kind, count: times ? Number(times) : null };
    const number = document.getElementById("fault-number").value;
    if (number) fault.number = number;
    for (const input of form.querySelectorAll("input")) {
      fault[input.name] = input.dataset.type === "number" ? Number(input.value) : input.value;
    }
    await this.act("POST", "/_sim/faults", fault);
  }

  async act(method, path, body) {
    try {
      await call(method, path, body);
      this.page.poll();
    } catch (error) {
      this.page.complain(error.message);
    }
  }

  update(feed) {
    this.drawFaults(feed.faults);
    this.drawCount("fault-count", feed.faults.length);
    this.drawCount("debugger-count", feed.debugger.length);
    this.drawLines("traffic", feed.traffic, drawTraffic, "Nothing yet.");
    this.drawLines("debugger", feed.debugger, drawDebugger, "No complaints.");
    this.redraw("numbers", feed.numbers, drawNumber);
    this.redraw("accounts", feed.accounts, drawAccount);
    setText(document.getElementById("hold"), feed.holding ? `Holding callbacks (${feed.held} kept)` : "Hold all callbacks");
    document.getElementById("hold").disabled = feed.holding;
    document.getElementById("release").hidden = !feed.holding;
    document.getElementById("release-reversed").hidden = !feed.holding;
  }

  /** Only what has changed: a button would lose the keyboard, and a text its selection. */
  redraw(id, entries, draw) {
    const list = document.getElementById(id);
    const key = JSON.stringify(entries);
    if (list.drawnFrom === key) return;
    list.drawnFrom = key;
    list.replaceChildren(...entries.map(draw));
  }

  drawCount(id, count) {
    const badge = document.getElementById(id);
    badge.hidden = count === 0;
    setText(badge, String(count));
  }

  drawLines(id, entries, draw, nothing) {
    const list = document.getElementById(id);
    if (entries.length === 0) list.replaceChildren(make("li", { class: "nothing" }, nothing));
    else list.replaceChildren(...entries.map(draw).reverse());
  }

  drawFaults(faults) {
    const key = faults.map((f) => `${f.id}:${f.remaining}:${f.hits.length}`).join();
    if (this.drawn === key) return;
    this.drawn = key;
    const box = document.getElementById("active-faults");
    const rows = faults.map((fault) => {
      const end = make("button", { type: "button", class: "button small" }, "End");
      end.setAttribute("aria-label", `End: ${fault.title}`);
      end.addEventListener("click", () => this.act("DELETE", `/_sim/faults/${fault.id}`));
      return make("div", { class: "active-fault" }, make("span", {}, describeFault(fault)), end);
    });
    if (faults.length > 1) {
      const all = make("button", { type: "button", class: "button small" }, "End all");
      all.addEventListener("click", () => this.act("DELETE", "/_sim/faults"));
      rows.push(all);
    }
    box.replaceChildren(...rows);
  }
}

function describeFault(fault) {
  const code = fault.params.code ? ` ${fault.params.code}` : "";
  const whom = fault.number ? ` for ${fault.number}` : "";
  const left = fault.remaining === null ? "until ended" : `${fault.remaining} more`;
  const struck = fault.hits.length ? `, struck ${fault.hits.length}×` : "";
  return `${fault.title}${code}${whom} (${left}${struck})`;
}

function drawTraffic(line) {
  const arrow = line.way === "in" ? "→ Twilio" : "Twilio →";
  return make("li", { class: line.ok ? "" : "bad" },
    make("time", {}, exactClock(line.at)),
    make("span", { class: "way" }, arrow),
    make("span", { class: "what" }, line.what),
    make("span", { class: "result" }, line.result));
}

function drawDebugger(entry) {
  const link = make("a", { href: `https://www.twilio.com/docs/api/errors/${entry.code}`, rel: "noreferrer", target: "_blank" }, String(entry.code));
  return make("li", { class: entry.level === "error" ? "bad" : "warn" },
    make("time", {}, exactClock(entry.at)),
    make("span", { class: "way" }, link),
    make("span", { class: "what" }, entry.message),
    make("span", { class: "result" }, entry.url));
}

function drawNumber(number) {
  const state = [number.account];
  if (number.account_status && number.account_status !== "active") state.push(number.account_status);
  if (number.account_type === "Trial") state.push("trial");
  if (number.balance) state.push(number.balance);
  if (!number.sms_capable) state.push("cannot do SMS");
  const where = number.sms_url ? `${number.sms_method} ${number.sms_url}` : "No webhook set";
  return make("li", {},
    make("strong", {}, number.phone_number),
    make("span", {}, state.join(" · ")),
    number.application ? make("span", { class: "warn" }, `TwiML app “${number.application}” overrides the number`) : null,
    make("code", {}, where));
}

function drawAccount(account) {
  const rows = Object.entries(account.credentials).map(([name, value]) =>
    make("div", {},
      make("dt", {}, name),
      make("dd", {}, make("code", {}, value), drawCopy(`${name} of ${account.name}`, value))));
  return make("li", {}, make("strong", {}, account.name), make("dl", {}, ...rows));
}

function drawCopy(name, value) {
  const button = make("button", { type: "button", class: "button small" }, "Copy");
  button.setAttribute("aria-label", `Copy: ${name}`);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(value);
    setText(button, "Copied");
    setTimeout(() => setText(button, "Copy"), 2000);
  });
  button.hidden = !navigator.clipboard;
  return button;
}
