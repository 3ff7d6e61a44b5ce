// Writes segments.json: what Twilio's own calculator says about some three hundred texts.
//
//     npm install --prefix /tmp/calculator sms-segments-calculator@1.3.0
//     node tests/text/oracle/make_segments.mjs /tmp/calculator
//
// https://github.com/TwilioDevEd/message-segment-calculator

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const require = createRequire(join(resolve(process.argv[2] ?? "."), "anything.js"));
const { SegmentedMessage } = require("sms-segments-calculator");

const SEPTET_LENGTHS = [1, 69, 70, 71, 152, 153, 154, 159, 160, 161, 305, 306, 307, 459, 460, 1600];
const UNIT_LENGTHS = [1, 66, 67, 68, 69, 70, 71, 133, 134, 135, 200, 201, 202, 1600];

// Repeated up to a length (of UTF-16 units), so that what is never divided meets every boundary.
const GSM7 = {
  letters: "a",
  sentence: "Your order no. 4711 is on its way: 2 boxes, arriving Tuesday @ 10-12 (door C). ",
  accents: "èéùìòÇØøÅåÆæßÉÄÖÑÜ§¿äöñüàΔΦΓΛΩΠΨΣΘΞ ",
  euro: "€",
  oddEuro: "ab€",
  braces: "{\"id\": [1, 2]} | ~5 \\ ^",
  lines: "one\ntwo\n",
  windowsLines: "one\r\ntwo\r\n",
  formFeed: "page\f",
};
const UCS2 = {
  curlyApostrophe: "We’re open. ",
  dash: "9–5 — every day… ",
  bullets: "• first\n• second\n",
  backtick: "`code` ",
  tab: "a\tb",
  noBreakSpace: "10\u00a0km ",
  lowerCedilla: "garçon ",
  decomposed: "cafe\u0301 ",
  braces: "’{}[]€",
  windowsLines: "ç\r\n",
  emoji: "👍",
  oddEmoji: "a👍",
  heart: "I ❤️ it ",
  skin: "ok👍🏽",
  family: "x👨‍👩‍👧‍👦",
  flags: "🇩🇪🇨🇦 ",
  keycaps: "1️⃣ ",
  chinese: "您的订单已发货。",
  japanese: "ご注文は発送されました。",
  korean: "주문이 발송되었습니다. ",
  jamo: "\u1100\u1161\u11a8",
  russian: "Ваш заказ отправлен. ",
  greekWithTonos: "Καλημέρα ",
  arabic: "تم شحن طلبك. ",
  hebrew: "ההזמנה שלך נשלחה. ",
  hindi: "आपका ऑर्डर भेज दिया गया है। क्षत्रिय ",
  thai: "จัดส่งคำสั่งซื้อแล้ว ",
  vietnamese: "Đơn hàng đã được gửi. ",
  polish: "Zażółć gęślą jaźń. ",
};
const ALONE = [
  "", " ", "\n", "\r\n", "@", "\u0000", "\ud83d", "`", "’", "ç", "Ç", "€", "😀", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "e\u0301",
  "“" + "a".repeat(69), "“" + "a".repeat(70), "a".repeat(160) + "“", "€".repeat(80), "€".repeat(81),
  "a".repeat(152) + "€" + "a".repeat(10), "a".repeat(152) + "€".repeat(5), "€".repeat(76) + "a€" + "a".repeat(80),
  "ж".repeat(66) + "👍" + "ж".repeat(5), "ж".repeat(66) + "👨‍👩‍👧‍👦" + "ж".repeat(60), "ж".repeat(60) + "👨‍👩‍👧‍👦",
  "ж".repeat(66) + "क्ष" + "ж".repeat(66), "a" + "\u0301".repeat(69), "a" + "\u0301".repeat(100),
  "a".repeat(8) + ("x" + "\u0301".repeat(59)).repeat(2), ("x" + "\u0301".repeat(39)).repeat(5),
];

function* texts() {
  yield* ALONE;
  for (const [patterns, lengths] of [[GSM7, SEPTET_LENGTHS], [UCS2, UNIT_LENGTHS]]) {
    for (const pattern of Object.values(patterns)) {
      // Long texts of few patterns say as much as those of all, and make the file short.
      const short = lengths.filter((length) => length > 1 && length < 600);
      for (const length of pattern.length < 3 ? lengths : short.filter((_, place) => place % 2 === pattern.length % 2)) {
        const graphemes = [...new Intl.Segmenter("en").segment(pattern)].map((part) => part.segment);
        let text = "";
        for (let place = 0; text.length < length; place += 1) text += graphemes[place % graphemes.length];
        yield text;
      }
    }
  }
}

const rows = [...new Set(texts())].map((text) => {
  const message = new SegmentedMessage(text);
  const bits = message.getEncodingName() === "GSM-7" ? 7 : 16;
  const [encoding, segments, units] = [message.getEncodingName(), message.segmentsCount, message.messageSize / bits];
  return JSON.stringify({ encoding, segments, units, text });
});
writeFileSync(new URL("segments.json", import.meta.url), `[\n${rows.join(",\n")}\n]\n`);
console.log(`${rows.length} texts`);
