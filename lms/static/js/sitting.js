// A sitting's comforts: saving while one goes, the clock, keys. Without this file the buttons save.

const form = document.querySelector("form[data-sitting]");
const bar = document.querySelector("[data-sitting-bar]");
const attemptUrl = bar.dataset.attemptUrl;
const shownAt = performance.now();

// --- what is still to be saved ---
// Kept with the tab, so that a page that went on before the line was back can save it for the one left behind.

const queueKey = `baton:unsaved:${attemptUrl}`;
const sentKey = `baton:sent:${attemptUrl}`;
const firstPauseSeconds = 1;
const longestPauseSeconds = 30;
let pauseSeconds = firstPauseSeconds;
let busy = false;
let retry = null;
let stopped = false;
let refused = false;
let waiting = null;
let typed = null;

// Storage may be full or forbidden; then the page itself still holds what is unsaved.
function stored(storage, key) {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

function store(storage, key, value) {
  try {
    storage().setItem(key, value);
  } catch {
    // See above.
  }
}

const ofTab = () => sessionStorage;
const ofBrowser = () => localStorage;

let memory = JSON.parse(stored(ofTab, queueKey) ?? "{}");
forgetWhatArrived();
const leftBehind = form ? memory[form.action] : undefined;

// A button's own save arrived if this page followed from it; after a failed one the browser showed its error page instead.
function forgetWhatArrived() {
  const sent = stored(ofTab, sentKey);
  store(ofTab, sentKey, "");
  if (sent && sent === document.referrer) delete memory[sent];
  keep();
}

function keep() {
  store(ofTab, queueKey, JSON.stringify(memory));
}

// Numbers count the sitting's milliseconds from what the server told this page, so that of two windows the later choice wins.
let lastNumber = form ? Number(form.elements.sequence.value) - 1 : 0;
const firstNumber = lastNumber + 1;

function nextNumber() {
  lastNumber = Math.max(lastNumber + 1, firstNumber + Math.floor(performance.now() - shownAt));
  form.elements.sequence.value = lastNumber;
  return lastNumber;
}

function enqueue() {
  clearTimeout(typed);
  typed = null;
  refused = false;
  nextNumber();
  memory[form.action] = new URLSearchParams(new FormData(form)).toString();
  keep();
  show("saving");
  flush();
}

async function flush() {
  clearTimeout(retry);
  if (busy || stopped) return;
  busy = true;
  try {
    for (const [url, body] of Object.entries(memory)) {
      await send(url, body);
      if (stopped) return;
      if (memory[url] === body) delete memory[url];
      keep();
      pauseSeconds = firstPauseSeconds;
    }
    busy = false;
    if (isUnsaved()) flush();
    else settle();
  } catch {
    busy = false;
    show("not-saved");
    retry = setTimeout(flush, pauseSeconds * 1000);
    pauseSeconds = Math.min(pauseSeconds * 2, longestPauseSeconds);
  }
}

function isUnsaved() {
  return Object.keys(memory).length > 0;
}

// The summary counted before these arrived; and whoever pressed "Submit" meanwhile waited for them.
function settle() {
  show("saved");
  if (form || stopped) return;
  stopped = true;
  if (waiting) waiting.submit();
  else location.reload();
}

// Throws whatever a later try may mend. What no try can mend is dropped, and the page asks the server where things stand.
async function send(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
    body: withToken(body),
    redirect: "error",
    signal: AbortSignal.timeout(15_000),
  });
  if (answer.status === 409 || answer.status === 404) return leave();
  if (answer.status === 422) return refuse();
  if (!answer.ok) throw new Error(`Answered ${answer.status}`);
  const receipt = await answer.json();
  savedAt = performance.now();
  takeTime(receipt.remaining_seconds);
  if (form && url === form.action) {
    if (receipt.stands) showInOverview(body);
    heed(receipt, body);
  }
}

// Whoever signed in anew has another token than when the answer was given.
function withToken(body) {
  const fields = new URLSearchParams(body);
  fields.set("csrf_token", document.querySelector("input[name=csrf_token]").value);
  return fields;
}

// The server can't take this text as an answer. The button shows why; sending it again would not help.
function refuse() {
  refused = true;
}

// Another window of this sitting saved a later answer, or an earlier visit's one arrived only now: show what stands,
// unless the learner has moved on here meanwhile.
function heed(receipt, body) {
  lastNumber = Math.max(lastNumber, receipt.sequence);
  const isShown = receipt.stands && body !== leftBehind;
  if (isShown || memory[form.action] !== body) return;
  delete memory[form.action];
  keep();
  stopped = true;
  location.reload();
}

function leave() {
  stopped = true;
  memory = {};
  keep();
  location.assign(attemptUrl);
}

// --- what is shown of it ---

const state = bar.querySelector(".save-state");
const age = state.querySelector("[data-age]");
let savedAt = null;

function show(wanted) {
  const name = refused && wanted === "saved" ? "not-saved" : wanted;
  state.hidden = false;
  if (state.dataset.state !== name) state.dataset.state = name;
  showAge();
}

function showAge() {
  if (savedAt === null) return;
  const seconds = Math.round((performance.now() - savedAt) / 1000);
  const words = seconds < 60 ? state.dataset.seconds : state.dataset.minutes;
  age.textContent = words.replace("{n}", seconds < 60 ? seconds : Math.floor(seconds / 60));
}

// The overview beside the item counts what was just saved; what the server made of it comes with the next page.
function showInOverview(body) {
  const fields = new URLSearchParams(body);
  const answered = fields.getAll("answer").some((one) => one.trim() !== "");
  const flagged = fields.has("flagged");
  const cell = document.querySelector(".overview [aria-current]");
  cell.toggleAttribute("data-answered", answered);
  cell.toggleAttribute("data-flagged", flagged);
  cell.querySelector(".unseen").textContent = cell.closest(".overview").getAttribute(`data-words-${Number(answered)}${Number(flagged)}`);
  const count = (selector) => document.querySelectorAll(`.overview .cell${selector}`).length;
  const counts = { answered: count("[data-answered]"), unanswered: count(":not([data-answered])"), flagged: count("[data-flagged]") };
  for (const place of document.querySelectorAll("[data-count]")) {
    place.textContent = place.dataset.words.replace("{n}", counts[place.dataset.count]);
  }
  const flags = document.querySelector("[data-count=flagged]").parentElement;
  flags.hidden = counts.flagged === 0;
  const heading = document.querySelector("[data-answered-of]");
  heading.textContent = heading.dataset.answeredOf.replace("{n}", counts.answered);
}

// --- the clock: the server's seconds, counted on by a clock that nobody can set ---

const countdown = bar.querySelector(".countdown");
const announcer = bar.querySelector("[data-announcer]");
const shortSeconds = 600;
const lastSeconds = 120;
let endsAt = countdown ? shownAt + Number(countdown.dataset.remaining) * 1000 : null;
const saidKey = `baton:said:${attemptUrl}`;
let announcedMinute = Number(stored(ofTab, saidKey) ?? Infinity);

function takeTime(seconds) {
  if (countdown && seconds !== null) endsAt = performance.now() + seconds * 1000;
}

function showTime() {
  const left = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
  const two = (number) => String(number).padStart(2, "0");
  countdown.querySelector("time").textContent = `${Math.floor(left / 3600)}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`;
  if (left <= lastSeconds) countdown.dataset.left = "last";
  else if (left <= shortSeconds) countdown.dataset.left = "short";
  else delete countdown.dataset.left;
  announce(left);
  if (left === 0) timeIsUp();
}

function announce(left) {
  for (const minute of [1, 5, 10]) {
    if (left > minute * 60 || left <= minute * 60 - 60 || announcedMinute <= minute) continue;
    announcedMinute = minute;
    store(ofTab, saidKey, minute);
    announcer.textContent = announcer.getAttribute(`data-at-${minute}`);
  }
}

// What was just chosen still counts while it is on the wire; then the server's page says what was saved.
const graceMs = 6000;

async function timeIsUp() {
  if (stopped) return;
  clearInterval(ticking);
  if (typed !== null) enqueue();
  if (form) form.inert = true;
  await flush();
  setTimeout(() => {
    stopped = true;
    location.assign(attemptUrl);
  }, graceMs);
}

// --- keys: letters choose, N and P go on and back, F flags; whoever needs letters for something else turns them off ---

const keysChoice = document.querySelector("[data-keys-choice]");
const keysKey = "baton:keys";

function offerKeys() {
  document.querySelector("[data-keys]").hidden = false;
  keysChoice.checked = stored(ofBrowser, keysKey) !== "off";
  keysChoice.addEventListener("change", () => store(ofBrowser, keysKey, keysChoice.checked ? "on" : "off"));
  document.addEventListener("keydown", press);
}

function press(event) {
  const typing = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select");
  if (!keysChoice.checked || typing || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  const letter = event.key.toUpperCase();
  const options = form.querySelectorAll(".options input");
  const option = /^[A-Z]$/.test(letter) ? options[letter.charCodeAt(0) - 65] : null;
  if (option) option.click();
  else if (letter === "N") pressButton("button.button[name=next], button.button[name=review]");
  else if (letter === "P") pressButton("button.button[name=previous]");
  else if (letter === "F") form.elements.flagged.click();
  else return;
  option?.focus();
  event.preventDefault();
}

function pressButton(selector) {
  form.querySelector(selector)?.click();
}

// --- together ---

const typingPauseMs = 800;

function onInput(event) {
  if (event.target === keysChoice || event.target.type === "radio" || event.target.type === "checkbox") return;
  clearTimeout(typed);
  typed = setTimeout(enqueue, typingPauseMs);
  show("saving");
}

function onChange(event) {
  if (event.target !== keysChoice) enqueue();
}

// The buttons carry the newest answer themselves. Off line they would only lead to the browser's error page.
function onSubmit(event) {
  if (navigator.onLine === false) {
    event.preventDefault();
    enqueue();
    return;
  }
  clearTimeout(typed);
  nextNumber();
  memory[form.action] = new URLSearchParams(new FormData(form)).toString();
  keep();
  store(ofTab, sentKey, form.action);
  stopped = true;
}

// Submitting waits until everything that was answered has arrived.
function onSubmission(event) {
  if (!isUnsaved()) return;
  event.preventDefault();
  waiting = event.target;
  flush();
}

function onLeaving(event) {
  if (!stopped && isUnsaved()) event.preventDefault();
}

document.querySelector("form[data-submission]")?.addEventListener("submit", onSubmission);
if (form) {
  form.addEventListener("input", onInput);
  form.addEventListener("change", onChange);
  form.addEventListener("submit", onSubmit);
  offerKeys();
}
addEventListener("online", flush);
addEventListener("beforeunload", onLeaving);
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
const ticking = setInterval(() => {
  showAge();
  if (countdown) showTime();
}, 1000);
if (isUnsaved()) {
  show("not-saved");
  flush();
}
