/* 热线台：来电、边听边记、实时提示、一键建单、收尾。只和自己的接口说话。 */
import { refresh, stream } from "./live.js";
import { Notes } from "./hotline-notes.js";

const API = "/api/v1/hotline";
const $ = (id) => document.getElementById(id);
const OFFLINE = "连不上，这一步没有办成。填的都还在，网络好了再按一次。";
const UNSENT = "还有记下的话没有存上：网络好了会自己存，存好再办这一步；不要的那句可以去掉。";
let call = null, stop = null, seen = "";

const el = (tag, text, attributes = {}) => {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};
const list = (title, items, tag = "ul") => {
  const all = el(tag);
  for (const one of items) all.append(one.nodeType ? one : el("li", one));
  return items.length ? [el("h3", title), all] : [];
};
const say = (text) => { $("said").textContent = text; };
/* 被拒的错误带 plain（一句话）；断网、服务器出错的不带，可以再试。 */
const ask = async (path, body) => {
  const answer = await fetch(path, body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const data = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(data.error), { plain: answer.status < 500 ? data.detail : "" });
  return data;
};
const send = async (path, body) => {
  try {
    return await ask(path, body);
  } catch (problem) {
    say(problem.plain || OFFLINE);
    throw problem;
  }
};
const quietly = (work) => (event) => { event.preventDefault(); work(event).catch(() => {}); };
const ticketLink = (no, text) => { const item = el("li"); item.append(el("a", text || no, { href: `/console/tickets/${encodeURIComponent(no)}`, target: "_blank" })); return item; };

/* 来电、时钟：有变化就推过来。 */
const follow = () => {
  if (stop) stop();
  stop = stream(`${API}/events${call ? `?call=${call.id}` : ""}`, { desk, hints });
};
const desk = (state) => {
  const c = state.clocks, aim = $("clocks").dataset.seconds;
  const share = c.answered ? Math.round(100 * c.in_time / c.answered) : null;
  $("clocks").textContent = `今天来电 ${c.calls}，接通 ${c.answered}` + (share === null ? "" : `，${aim} 秒内接起 ${share}%，平均 ${c.mean_seconds} 秒`) + `；在线等候 ${c.waiting}，要回电 ${state.callbacks}，不受理 ${c.out_of_scope}`;
  $("calls").replaceChildren(...state.calls.map((one) => {
    const item = el("li", `${one.phone || "没有号码"} ${one.status === "ringing" ? "正在响" : `${one.operator || ""} 通话中`} `);
    if (!call || call.id !== one.id) {
      const take = el("button", one.status === "ringing" ? "接" : "打开", { type: "button" });
      take.addEventListener("click", quietly(async () => open(await send(`${API}/calls/${one.id}/answer`, {}))));
      item.append(take);
    }
    return item;
  }));
  const lists = JSON.stringify([state.talks, state.wanted]);
  if (seen !== lists) refresh();
  seen = lists;
};

const open = (known) => {
  call = known.call;
  $("desk").hidden = false;
  for (const form of ["line", "ticket", "close"]) $(form).reset();
  say("");
  $("who").textContent = `通话：${call.phone || "没有号码"}`;
  $("ticket").phone.value = call.phone || "";
  const due = known.callback ? [`约了 ${known.callback.due_text} 前回电：${known.callback.wish}${known.callback.operator ? `（原来是${known.callback.operator}接的）` : ""}`] : [];
  $("history").replaceChildren(
    ...list("名下的工单", known.tickets.map((t) => ticketLink(t.no, `${t.no} ${t.category_zh} ${t.status_zh} ${t.due_text}`))),
    ...list("以前的来电", known.calls.map((c) => `${new Date(c.rang_at).toLocaleString("zh-CN")} ${c.summary || ""}`)),
    ...list("上次说到", known.lines.slice(-4).map((m) => m.text)), ...list("回电", due));
  notes.show(call.id, known.noted.map((m) => m.text)).catch(() => {});
  hints(null);
  follow();
  $("line").text.focus();
};

const hints = (h) => {
  const box = $("hints");
  if (!h) { box.replaceChildren(el("h2", "提示"), el("p", "还没有可说的。", { class: "muted" })); return; }
  const grade = { general: "一般", larger: "较大", major: "重大" }[h.warning_level];
  const found = [el("h2", "提示")];
  for (const text of h.help) found.push(el("p", text, { class: "problem" }));
  const kind = h.category === "out_of_scope" ? "不像受理范围内的事" : [h.category_zh, h.subcategory_zh].filter(Boolean).join(" · ") || "还听不出是什么事";
  found.push(el("p", kind + (grade ? `　预警：${grade}` : "")));
  if (h.referral) found.push(el("p", h.referral.text, { class: "problem" }));
  if (h.batch && h.batch.offered) found.push(el("p", `第 ${h.batch.count} 件对着“${h.batch.respondent}”的，可以并入批量案`, { class: "problem" }));
  if (h.card) {
    const card = el("div", "", { class: "law" });
    card.append(el("h3", h.card.title), el("p", h.card.text), ...list("下一步", h.card.steps, "ol"), ...list("留好", h.card.evidence), ...list("依据", h.card.citations));
    found.push(card);
  }
  found.push(...list("还没有问的", h.questions), ...list("可能是同一件", h.similar.map((s) => ticketLink(s.no, `${s.no}：${s.why.join("，")}`))), ...list("也可能是", h.others));
  box.replaceChildren(...found);
  prefill(h);
};
/* 听出来的先填上；坐席自己改过的不动。 */
const prefill = (h) => {
  const form = $("ticket"), heard = { town: h.place && h.place.town, village: h.place && h.place.village, group: h.place && h.place.group, respondent: h.respondent, phone: h.phone };
  for (const [name, value] of Object.entries(heard)) if (value && !form[name].dataset.touched) form[name].value = value;
};
const notes = new Notes($("lines"), (id, line) => ask(`${API}/calls/${id}/lines`, line),
  async (id) => (await ask(`${API}/calls/${id}`)).noted.map((m) => m.text),
  (kept) => { if (kept.ticket_no) say(`已经开了保护性工单 ${kept.ticket_no}`); hints(kept.hints); });
$("ticket").addEventListener("input", (e) => { e.target.dataset.touched = "1"; });
$("ticket").addEventListener("reset", (e) => { for (const one of e.target.elements) delete one.dataset.touched; });

$("take").addEventListener("submit", quietly(async (e) => { open(await send(`${API}/calls`, { phone: e.target.phone.value })); e.target.reset(); }));
$("line").text.addEventListener("keydown", (e) => { if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); $("line").requestSubmit(); } });
$("line").addEventListener("submit", quietly(async (e) => {
  const text = e.target.text.value.trim();
  if (!text) return;
  e.target.text.value = "";
  await notes.add(text);
}));
$("ticket").addEventListener("submit", quietly(async (e) => {
  const f = e.target, place = {}, body = {};
  if (!(await notes.flush())) { say(UNSENT); return; }
  for (const level of ["town", "village", "group"]) if (f[level].value.trim()) place[level] = f[level].value.trim();
  if (f.category.value) body.category = f.category.value;
  if (Object.keys(place).length) body.place = place;
  if (f.name.value || f.phone.value) body.applicant = { name: f.name.value || null, phone: f.phone.value || null };
  if (f.respondent.value) body.respondent = { name: f.respondent.value };
  const made = await send(`${API}/calls/${call.id}/ticket`, body);
  say(`工单 ${made.no}，办理：${made.organisation ? made.organisation.name : "待分派"}，${made.due_text}`);
  $("close").outcome.value = "ticket";
  $("close").summary.focus();
}));
$("close").addEventListener("submit", quietly(async (e) => {
  const f = e.target;
  if (!(await notes.flush())) { say(UNSENT); return; }
  const done = await send(`${API}/calls/${call.id}/close`, { outcome: f.outcome.value, summary: f.summary.value });
  say(`已结束。小结：${done.summary}`);
  call = null;
  $("desk").hidden = true;
  follow();
  $("take").phone.focus();
}));
const mark = (kind) => quietly(async () => {
  const made = await send(`/api/v1/conversations/hotline/${call.sender}/marks`, { kind });
  say(kind === "abuse" ? `请照着念：请不要辱骂，您的诉求照样受理。督导已看到，您可以歇到 ${new Date(made.rest_until).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" })}` : "请告知：可以打 12345；违法的打 110；问法律打 12348。");
  if (kind === "out_of_scope") $("close").outcome.value = "out_of_scope";
});
$("scope").addEventListener("click", mark("out_of_scope"));
$("abuse").addEventListener("click", mark("abuse"));
$("ring").addEventListener("click", quietly(async () => {
  const kept = await send(`/api/v1/conversations/hotline/${call.sender}/callback`, { phone: $("ticket").phone.value || call.phone || "", wish: $("close").wish.value });
  say(kept.text);
  $("close").outcome.value = "callback";
}));
$("callbacks").addEventListener("submit", quietly(async (e) => {
  await send(`/api/v1/callbacks/${e.target.dataset.id}/done`, {});
  e.target.remove();
}));
/* 不用鼠标：Alt 加字母，和浏览器的设置无关。 */
const keys = {
  KeyN: () => $("take").phone.focus(),
  KeyJ: () => call && $("line").text.focus(),
  KeyT: () => call && $("ticket").requestSubmit(),
  KeyX: () => call && $("scope").click(),
  KeyE: () => call && $("close").requestSubmit(),
};
document.addEventListener("keydown", (e) => {
  if (!e.altKey || e.ctrlKey || e.metaKey || !keys[e.code]) return;
  e.preventDefault();
  keys[e.code]();
});
/* 脚本好了才能接：早一步提交，号码就进了地址栏。 */
$("take").querySelector("fieldset").disabled = false;
follow();
