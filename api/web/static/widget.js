/* 枫桥助手网页聊天。嵌入：<script src="https://…/widget.js" defer></script>；整页：容器带 data-fengqiao-page。 */
(() => {
  "use strict";
  const script = document.currentScript;
  const base = new URL(script ? script.src : location.href).origin;
  const STORE = "fengqiao.chat";
  const POLL_HUMAN = 4000, POLL_IDLE = 15000, RETRY = [1000, 3000, 8000], SILENT = 45000;
  const OFFLINE = "网络断了。您写的话都留着，连上以后自动发出。急事请打 12348，有危险打 110。";

  const saved = (() => {
    try { return JSON.parse(localStorage.getItem(STORE)) || {}; } catch { return {}; }
  })();
  let leaving = false;
  const keep = () => { if (!leaving) try { localStorage.setItem(STORE, JSON.stringify(saved)); } catch { /* 无痕模式也能聊 */ } };
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  if (!saved.sender) { saved.sender = random(); keep(); }
  saved.unsent = saved.unsent || [];
  const talk = () => `${base}/api/v1/conversations/web/${saved.sender}`;
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  const el = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value != null) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  };

  class Chat {
    constructor(host, page) {
      this.page = page;
      this.owner = "bot";
      this.shown = new Set();
      this.last = 0;
      this.busy = 0;
      this.held = [];
      this.standing = "";
      this.stuck = false;
      const root = host.attachShadow({ mode: "open" });
      root.append(el("link", { rel: "stylesheet", href: `${base}/widget.css` }));
      this.log = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "对话", tabindex: "0" });
      this.state = el("p", { class: "state", role: "status" });
      this.ring = this.callback();
      this.input = el("textarea", { rows: "2", maxlength: "2000", "aria-label": "写下您的事", placeholder: "在这里写，比如：包工头欠我三个月工资", onkeydown: (e) => this.key(e) });
      this.file = el("input", { type: "file", accept: "image/*", hidden: true, onchange: () => this.photo() });
      const camera = el("button", { class: "photo", type: "button", "aria-label": "发照片", onclick: () => this.file.click() }, "照片");
      this.form = el("form", { onsubmit: (e) => { e.preventDefault(); this.submit(); } }, camera, this.file, this.input, el("button", { class: "send", type: "submit" }, "发送"));
      this.panel = el("section", { class: page ? "panel page" : "panel", "aria-label": "枫桥助手", hidden: !page }, this.header(), this.log, this.state, this.ring, this.form);
      this.panel.addEventListener("keydown", (e) => { if (e.key === "Escape" && !this.page) this.toggle(false); });
      root.append(this.panel);
      if (!page) root.append(this.launcher());
      this.apply();
      addEventListener("online", () => this.flush());
      document.addEventListener("visibilitychange", () => { if (!document.hidden && this.started) { this.follow(); this.flush(RETRY.length); } });
      if (page) this.start();
    }

    header() {
      const toggle = (name, title) => el("button", { type: "button", "aria-pressed": String(!!saved[name]), onclick: (e) => {
        saved[name] = !saved[name]; keep(); e.currentTarget.setAttribute("aria-pressed", String(saved[name])); this.apply();
      } }, title);
      const bar = el("div", { class: "tools" }, toggle("large", "大字"), toggle("contrast", "高对比"), el("button", { type: "button", class: "exit", title: "马上离开这个页面，并清掉本机的聊天", onclick: () => this.exit() }, "快速离开"));
      if (!this.page) bar.append(el("button", { type: "button", "aria-label": "收起", onclick: () => this.toggle(false) }, "×"));
      return el("header", {}, el(this.page ? "h1" : "h2", {}, "小枫 · 法律咨询与调解登记"), el("small", {}, "我是程序，不是律师。危险请打 110。"), bar);
    }

    callback() {
      this.phone = el("input", { type: "tel", autocomplete: "tel", maxlength: "40", required: true, "aria-label": "您的电话" , placeholder: "您的电话" });
      return el("form", { class: "ring", hidden: true, onsubmit: (e) => { e.preventDefault(); this.ringMe(); } }, this.phone, el("button", { type: "submit" }, "请给我回电"));
    }

    launcher() {
      this.open = el("button", { class: "launcher", type: "button", "aria-expanded": "false", onclick: () => this.toggle(this.panel.hidden) }, "有事问小枫");
      return this.open;
    }

    toggle(show) {
      this.panel.hidden = !show;
      this.open.hidden = show;
      this.open.setAttribute("aria-expanded", String(show));
      if (show) { this.start(); this.input.focus(); } else this.open.focus();
    }

    apply() {
      this.panel.classList.toggle("large", !!saved.large);
      this.panel.classList.toggle("contrast", !!saved.contrast);
    }

    exit() {
      leaving = true;
      if (this.source) this.source.close();
      try { localStorage.removeItem(STORE); } catch { /* 没有存过 */ }
      location.replace("about:blank");
    }

    async start() {
      if (this.started) return;
      this.started = true;
      await this.refresh();
      if (!this.log.childElementCount) this.bubble("bot", "您好，我是小枫。您遇到了什么事？直接写下来就行，不用先报姓名。", [{ title: "登记纠纷", payload: "/start_intake" }, { title: "转人工", payload: "/handoff" }]);
      for (const one of saved.unsent) this.bubble("user", one.shown);
      this.flush();
      this.follow();
      this.poll();
    }

    /* 有新消息就推过来；推不了（老浏览器、代理不放行）时按时去问。 */
    follow() {
      if (!saved.spoken || !window.EventSource || (this.source && this.source.readyState !== 2)) return;
      this.source = new EventSource(`${talk()}/events?after=${this.last}`);
      const alive = () => { this.heard = Date.now(); };
      this.source.addEventListener("message", (e) => { alive(); const m = JSON.parse(e.data); if (this.busy) this.held.push(m); else this.line(m); });
      this.source.addEventListener("state", (e) => { alive(); const s = JSON.parse(e.data); this.own(s.owner, s.waiting); });
      this.source.addEventListener("open", alive);
    }

    poll() {
      clearTimeout(this.timer);
      this.timer = setTimeout(async () => {
        const pushed = this.source && this.source.readyState === 1 && Date.now() - this.heard < SILENT;
        if (!document.hidden && !this.busy && !pushed) { await this.refresh(); this.follow(); }
        await this.flush(RETRY.length);
        this.poll();
      }, this.owner === "human" || this.stuck ? POLL_HUMAN : POLL_IDLE);
    }

    async refresh() {
      if (!saved.spoken) return;
      try {
        const answer = await fetch(`${talk()}?after=${this.last}`);
        if (!answer.ok || this.busy) return;
        const found = await answer.json();
        this.heard = Date.now();
        for (const m of found.messages) this.line(m);
        this.cards(found.cards);
        this.own(found.owner, found.waiting);
      } catch { /* 断网时下一轮再试 */ }
    }

    line(m) {
      this.last = Math.max(this.last, m.id);
      if (this.shown.has(m.id)) return;
      this.shown.add(m.id);
      this.bubble(m.role, m.text, m.buttons, m.links);
    }

    own(owner, waiting) {
      const changed = owner !== this.owner;
      this.owner = owner;
      this.standing = owner === "human" ? (waiting && waiting.text) || "已转人工，工作人员会在这里回复您。" : "";
      this.notice();
      this.ring.hidden = !(owner === "human" && waiting && waiting.ahead != null && !saved.rung);
      if (changed) this.poll();
    }

    /* 没发出去的话还在，就一直说着。 */
    notice() {
      const text = this.stuck ? OFFLINE : this.standing;
      if (this.state.textContent !== text) this.state.textContent = text;
    }

    /* 工单卡片：同一张单只留一张卡，内容变了就换。 */
    cards(all) {
      for (const one of all || []) {
        const text = JSON.stringify(one);
        const old = this.log.querySelector(`.ticket[data-no="${CSS.escape(one.no)}"]`);
        if (old && old.dataset.text === text) continue;
        const row = (name, value) => value ? [el("dt", {}, name), el("dd", {}, value)] : [];
        const card = el("div", { class: "ticket", "data-no": one.no, "data-text": text, role: "group", "aria-label": `工单 ${one.no}` },
          el("small", {}, "工单号"), el("b", {}, one.no),
          el("dl", {}, ...row("事由", one.category_zh), ...row("进度", one.status_zh), ...row("办理", one.organisation), ...row("时限", one.due_text)));
        if (old) old.replaceWith(card); else this.log.append(card);
        this.bottom();
      }
    }

    key(event) {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
    }

    submit() {
      const text = this.input.value.trim();
      if (!text) return;
      this.input.value = "";
      this.send(text, text);
    }

    send(text, shown) {
      this.bubble("user", shown);
      saved.unsent.push({ id: `${saved.sender.slice(0, 12)}-${random()}`, text, shown });
      keep();
      return this.flush();
    }

    /* 先存再发，按次序，一句一句；断网、刷新以后接着发，同一编号不会算两次。tries：已经试过几次，接着发的只试一次。 */
    async flush(tries = 0) {
      if (this.flushing || !saved.unsent.length) return;
      this.flushing = true;
      this.busy += 1;
      const typing = el("div", { class: "typing", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
      try {
        while (saved.unsent.length && !leaving) {
          if (!tries) { this.log.append(typing); this.bottom(); }
          const one = saved.unsent[0];
          let turn = null;
          try {
            turn = await this.post({ channel: "web", sender: saved.sender, message_id: one.id, text: one.text }, tries);
          } catch (problem) {
            if (!problem.plain) { this.stuck = true; break; }
            this.bubble("bot", problem.plain);
          }
          saved.unsent.shift();
          if (turn) saved.spoken = true;
          keep();
          typing.remove();
          if (turn) await this.show(turn);
        }
      } finally {
        this.flushing = false;
        this.busy -= 1;
        typing.remove();
        if (!this.busy) for (const m of this.held.splice(0)) this.line(m);
        if (!saved.unsent.length) this.stuck = false;
        this.notice();
        if (!tries) this.input.focus({ preventScroll: true });
        this.follow();
        this.poll();
      }
    }

    async post(body, tries = 0) {
      let answer;
      try {
        answer = await fetch(`${base}/api/v1/chat/messages`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      } catch (problem) {
        if (tries >= RETRY.length || !navigator.onLine) throw problem;
      }
      if (answer && answer.status < 500) {
        const data = await answer.json();
        if (answer.ok) return data;
        throw Object.assign(new Error(data.error), { plain: data.detail });
      }
      if (tries >= RETRY.length) throw new Error("no answer");
      await pause(RETRY[tries]);
      return this.post(body, tries + 1);
    }

    async show(turn) {
      for (const id of turn.message_ids) { this.shown.add(id); this.last = Math.max(this.last, id); }
      const said = turn.replies.map((reply) => this.bubble("bot", reply.text, reply.buttons, reply.links, turn.crisis));
      if (turn.owner !== this.owner) this.own(turn.owner, null);
      this.bottom();
      // 长回答从头看起：最要紧的话在第一句。
      if (said.length) this.log.scrollTop = said[0].offsetTop - this.log.offsetTop - 10;
      if (turn.crisis || !(turn.ticket_no || turn.owner === "human")) return;
      try {
        const answer = await fetch(`${talk()}?after=${this.last}`);
        if (!answer.ok) return;
        const found = await answer.json();
        this.cards(found.cards);
        this.own(found.owner, found.waiting);
      } catch { /* 下一轮再看 */ }
    }

    async photo() {
      const [chosen] = this.file.files;
      this.file.value = "";
      if (!chosen) return;
      this.state.textContent = "照片正在上传…";
      const body = new FormData();
      body.append("file", chosen);
      try {
        const answer = await fetch(`${talk()}/photos`, { method: "POST", body });
        const data = await answer.json();
        this.state.textContent = "";
        if (answer.ok) { await this.refresh(); return; }
        this.bubble("bot", data.detail, data.error === "no_ticket" ? [{ title: "登记调解", payload: "/start_intake" }] : []);
      } catch {
        this.state.textContent = "照片没有传上去，请检查网络后再试一次。";
      }
    }

    async ringMe() {
      try {
        const answer = await fetch(`${talk()}/callback`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ phone: this.phone.value }) });
        const data = await answer.json();
        if (!answer.ok) { this.state.textContent = data.detail; this.phone.focus(); return; }
        saved.rung = true;
        keep();
        this.ring.hidden = true;
        await this.refresh();
      } catch {
        this.state.textContent = OFFLINE;
      }
    }

    bubble(role, text, buttons = [], links = [], crisis = null) {
      if (role === "user") for (const old of this.log.querySelectorAll(".choices")) old.remove();
      const node = el("div", { class: `bubble ${role}${crisis ? " crisis" : ""}` });
      if (role === "staff") node.append(el("small", {}, "工作人员"));
      text.split("\n").forEach((line, i) => { if (i) node.append(el("br")); node.append(line); });
      for (const link of links) if (/^(https?:)?\//.test(link.url)) node.append(el("a", { href: new URL(link.url, base).href, target: "_blank", rel: "noopener" }, link.title));
      this.log.append(node);
      if (buttons.length) this.log.append(el("div", { class: "choices", role: "group", "aria-label": "可以点的回答" }, ...buttons.map((b) => el("button", { type: "button", onclick: () => this.send(b.payload, b.title) }, b.title))));
      this.bottom();
      return node;
    }

    bottom() { this.log.scrollTop = this.log.scrollHeight; }
  }

  const boot = () => {
    const page = document.querySelector("[data-fengqiao-page]");
    const host = page || document.body.appendChild(document.createElement("fengqiao-chat"));
    new Chat(host, !!page);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", boot); else boot();
})();
