// Small comforts; every page works without them. What they say stands in data- attributes, in the page's language.
(() => {
  "use strict";

  const number = (element, value, places) =>
    value.toLocaleString(element.closest("[lang]").lang, places && { minimumFractionDigits: places, maximumFractionDigits: places });
  const filled = (sentence, words) => sentence.replace(/{(\w+)}/g, (_, name) => words[name]);

  // <button data-sms-copy="id" hidden>: copies the value of the field with that id.
  const showCopyButtons = (root) => {
    if (!navigator.clipboard) return;
    for (const button of root.querySelectorAll("[data-sms-copy][hidden]")) button.hidden = false;
  };

  const copy = async (button) => {
    if (button.dataset.smsSaying) return;
    const field = document.getElementById(button.dataset.smsCopy);
    const label = [...button.childNodes];
    let said = button.dataset.smsCopied;
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      said = button.dataset.smsPress;
    }
    button.dataset.smsSaying = "yes";
    button.replaceChildren(said);
    const aloud = button.parentElement.querySelector("[role=status]");
    if (aloud) aloud.textContent = said;
    setTimeout(() => {
      button.replaceChildren(...label);
      if (aloud) aloud.textContent = "";
      delete button.dataset.smsSaying;
    }, 2000);
  };

  // <input data-sms-segments="id">: says in the element with that id what the length means.
  const sayMeaning = (input) => {
    const place = document.getElementById(input.dataset.smsSegments);
    const length = Number(input.value);
    const say = input.dataset;
    const wrong =
      !Number.isInteger(length) || length <= 0 ? say.smsWrongNone
      : length < Number(input.min) ? say.smsWrongLow
      : length > Number(input.max) ? say.smsWrongHigh
      : "";
    if (wrong) {
      place.textContent = wrong;
      return;
    }
    const [one, more, oneSpecial, moreSpecial] = say.smsUnits.split(" ").map(Number);
    const parts = (single, part) => (length <= single ? 1 : Math.ceil(length / part));
    const plain = parts(one, more);
    const words = { length, n: plain, special: parts(oneSpecial, moreSpecial) };
    place.textContent = filled(plain === 1 ? say.smsOne : say.smsMore, words);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-sms-copy]");
    if (button) copy(button);
    const reset = event.target.closest("[data-sms-reset]");
    if (reset) {
      const field = document.getElementById(reset.dataset.smsReset);
      field.value = field.dataset.smsDefault;
      field.focus();
    }
    const pick = event.target.closest("[data-sms-pick]");
    if (pick) {
      event.preventDefault();
      const field = document.getElementById(pick.dataset.smsPickFor);
      field.value = pick.dataset.smsPick;
      field.focus();
    }
  });
  // What is wrong, or is gone to, may be folded away.
  const unfold = (element) => {
    for (let fold = element?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  };
  document.addEventListener("invalid", (event) => unfold(event.target), true);
  const unfoldTarget = () => unfold(document.getElementById(decodeURIComponent(location.hash.slice(1))));
  window.addEventListener("hashchange", unfoldTarget);
  document.addEventListener("DOMContentLoaded", unfoldTarget);

  // <textarea data-sms-counted="id">: says there how the text travels and in how many segments. The server counts exactly.
  const GSM7 = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\f^{}\\[~]|€");
  const TWICE = new Set("\f^{}\\[~]|€");
  const sayLength = (field) => {
    const text = [...field.value.trim()];
    const plain = text.every((char) => GSM7.has(char));
    const units = text.reduce((sum, char) => sum + (plain ? (TWICE.has(char) ? 2 : 1) : char.length), 0);
    const [one, each] = plain ? [160, 153] : [70, 67];
    const segments = units <= one ? 1 : Math.ceil(units / each);
    const place = document.getElementById(field.dataset.smsCounted);
    const mms = document.getElementById(field.dataset.smsPicture)?.value.trim() ? Number(place.dataset.smsMms) : 0;
    const price = ((mms || segments) * Number(place.dataset.smsPrice ?? 0)) / 1e6;
    const say = place.dataset;
    const cost = price ? " " + filled(say.smsCost, { price: `${number(place, price, 4)} ${say.smsCurrency}` }) : "";
    const words = { characters: number(place, text.length), alphabet: plain ? "GSM-7" : "UCS-2", n: number(place, mms || segments) };
    const sentence = mms ? say.smsAsMms : segments === 1 ? say.smsOne : say.smsMore;
    place.textContent = units ? filled(sentence, words) + cost : "";
  };

  // <section data-sms-live="address">: the conversation in it follows what happens, while somebody looks, for half an hour.
  const PAUSE = 4000, LOOKS = 450, id = "sms-conversation";
  const replace = (list, fresh) => {
    const scroll = (part) => part.querySelector(".sms-conversation-scroll");
    const above = scroll(list)?.scrollTop ?? 0; // who reads further up goes on reading there
    list.replaceWith(fresh);
    if (scroll(fresh)) scroll(fresh).scrollTop = above;
  };
  const follow = (section) => {
    let looks = 0;
    const look = async () => {
      if (!section.isConnected || ++looks > LOOKS) return;
      const list = document.getElementById(id);
      if (!document.hidden && list && !list.contains(document.activeElement) && !list.querySelector("details[open]")) {
        try {
          const response = await fetch(section.dataset.smsLive, { signal: AbortSignal.timeout(10000) });
          const fresh = response.ok && new DOMParser().parseFromString(await response.text(), "text/html").getElementById(id);
          if (fresh && fresh.textContent !== list.textContent) replace(list, document.importNode(fresh, true));
        } catch { /* the next look may work */ }
      }
      setTimeout(look, PAUSE);
    };
    setTimeout(look, PAUSE);
  };

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-sms-counted]")) sayLength(event.target);
    const counted = event.target.id && document.querySelector(`[data-sms-picture="${CSS.escape(event.target.id)}"]`);
    if (counted) sayLength(counted);
    if (event.target.matches("[data-sms-segments]")) sayMeaning(event.target);
  });

  // <span data-sms-left="seconds">: counts down, minute by minute.
  const countDown = (span) => {
    if (span.dataset.smsEnd) return;
    span.dataset.smsEnd = performance.now() + Number(span.dataset.smsLeft) * 1000;
    const say = () => {
      const minutes = Math.max(Math.floor((Number(span.dataset.smsEnd) - performance.now()) / 60000), 0);
      const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
      const parts = [hours && `${hours}\u00a0h`, rest && `${rest}\u00a0min`].filter(Boolean);
      span.textContent = parts.join(" ") || span.dataset.smsLess;
      if (span.isConnected) setTimeout(say, 5000);
    };
    say();
  };

  const start = (root) => {
    showCopyButtons(root);
    for (const span of root.querySelectorAll("[data-sms-left]")) countDown(span);
    for (const button of root.querySelectorAll("[data-sms-with-script][hidden]")) button.hidden = false;
  };
  document.addEventListener("DOMContentLoaded", () => {
    start(document);
    for (const section of document.querySelectorAll("[data-sms-live]")) follow(section);
  });
  document.addEventListener("htmx:after:swap", (event) => {
    start(document);
    // The pressed button may be gone: the keyboard goes on where its answer stands.
    const place = event.target.querySelector("[data-sms-focus]");
    if (place && document.activeElement === document.body) place.focus({ preventScroll: true });
  });
})();
