"use strict";
// Writes entries down first and sends them afterwards: an entry leaves the phone only when the desk has answered for it.
(() => {
  const form = document.getElementById("quick"), told = document.getElementById("told");
  const SHELF = `fengqiao.quick.${form.dataset.member}`, BATCH = 20, EVERY = 60_000;
  let sending = false;

  const kept = () => JSON.parse(localStorage.getItem(SHELF) || "[]");
  const keep = (entries) => { localStorage.setItem(SHELF, JSON.stringify(entries)); show(); };
  const say = (text, bad) => { told.textContent = text; told.hidden = false; told.className = bad ? "problem" : "card"; };

  function show() {
    const entries = kept(), list = document.getElementById("waiting");
    document.getElementById("left").textContent = entries.length;
    list.replaceChildren(...entries.map((one) => {
      const line = document.createElement("li");
      line.textContent = `${one.entry.what.slice(0, 20)}${one.problem ? `：${one.problem}` : ""} `;
      if (one.problem) {
        const back = document.createElement("button");
        back.type = "button"; back.className = "plain"; back.textContent = "改一改";
        back.addEventListener("click", () => { fill(one.entry); drop([one.entry.id]); });
        line.append(back);
      }
      return line;
    }));
  }

  const drop = (ids) => keep(kept().filter((one) => !ids.includes(one.entry.id)));

  function fill(entry) {
    form.what.value = entry.what; form.outcome.value = entry.outcome; form.category.value = entry.category || "";
    form.applicant.value = entry.applicant ? entry.applicant.name : "";
    form.respondent.value = entry.respondent ? entry.respondent.name : "";
    form.same.checked = Boolean(entry.facts.parties_same_group);
    if (entry.result) form.result.value = entry.result;
  }

  function written() {
    const named = (name) => (form[name].value.trim() ? { name: form[name].value.trim() } : null);
    return {
      id: crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`,
      at: new Date().toISOString(), what: form.what.value.trim(), result: form.result.value,
      outcome: form.outcome.value.trim(), category: form.category.value,
      applicant: named("applicant"), respondent: named("respondent"),
      facts: { parties_same_group: form.same.checked }, signatures: signatures(),
    };
  }

  async function post(path, body) {
    const answer = await fetch(path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), credentials: "same-origin",
    });
    return { status: answer.status, body: await answer.json() };
  }

  async function send() {
    const batch = kept().filter((one) => !one.problem).slice(0, BATCH).map((one) => one.entry);
    if (sending || !batch.length) return;
    sending = true;
    try {
      const { status, body } = await post("/api/v1/quick-mediations", { entries: batch });
      if (status === 401) return say("登录已过期，请联网登录一次；记下的都还在。", true);
      if (status !== 200) return say(body.detail || "没有传上去，等会儿再试。", true);
      settle(body.results);
    } catch (offline) {
      say(`现在没有网，已存在手机里，有网了自动上传。`);
    } finally {
      sending = false;
    }
  }

  function settle(results) {
    const failed = new Map(results.filter((one) => one.state === "error").map((one) => [one.id, one.text]));
    const done = results.filter((one) => one.state !== "error");
    keep(kept().filter((one) => !done.some((other) => other.id === one.entry.id))
      .map((one) => (failed.has(one.entry.id) ? { ...one, problem: failed.get(one.entry.id) } : one)));
    const danger = done.some((one) => one.state === "protective");
    const texts = [...done.map((one) => one.text), ...failed.values()];
    if (texts.length) say(texts.join("\n"), danger || failed.size > 0);
    if (kept().some((one) => !one.problem)) setTimeout(send, 0);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep([...kept(), { entry: written() }]);
    form.reset(); wipe();
    say("记下了。");
    send();
  });

  document.getElementById("read").addEventListener("click", async () => {
    if (!form.what.value.trim()) return;
    try {
      const { status, body } = await post("/api/v1/quick-mediations/read", { text: form.what.value.trim() });
      if (status !== 200) return say(body.detail, true);
      if (body.crisis) say("这里说到有危险：先打 110，不要自己去调。记下来会马上通知值班的人。", true);
      if (body.category) form.category.value = body.category;
      if (body.result) form.result.value = body.result;
      if (!form.outcome.value.trim()) form.outcome.value = form.what.value.trim().slice(0, 1000);
    } catch (offline) {
      say("现在没有网，请自己选一下结果。");
    }
  });
  document.getElementById("send").addEventListener("click", send);
  window.addEventListener("online", send);
  setInterval(send, EVERY);

  // Signatures: drawn with a finger; an untouched sheet is no signature.
  const sheets = [...document.querySelectorAll("canvas")];
  const drawn = new Set();
  for (const sheet of sheets) {
    const pen = sheet.getContext("2d");
    sheet.style.touchAction = "none";
    sheet.addEventListener("pointerdown", (event) => { pen.beginPath(); pen.lineWidth = 3; pen.moveTo(event.offsetX, event.offsetY); drawn.add(sheet); });
    sheet.addEventListener("pointermove", (event) => { if (event.buttons) { pen.lineTo(event.offsetX, event.offsetY); pen.stroke(); } });
  }
  const signatures = () => sheets.filter((one) => drawn.has(one)).map((one) => ({ who: one.dataset.who, png: one.toDataURL("image/png") }));
  function wipe() { for (const one of sheets) one.getContext("2d").clearRect(0, 0, one.width, one.height); drawn.clear(); }
  document.getElementById("clear").addEventListener("click", wipe);

  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/console/quick-worker.js", { scope: "/console/quick" });
  show(); send();
})();
