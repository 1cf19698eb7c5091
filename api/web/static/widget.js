/* 枫桥助手网页聊天。嵌入：<script src="https://…/widget.js" defer></script>；整页：容器带 data-fengqiao-page。 */
(() => {
  "use strict";
  const script = document.currentScript;
  const base = new URL(script ? script.src : location.href).origin;
  const STORE = "fengqiao.chat";
  const POLL_HUMAN = 4000, POLL_IDLE = 20000, RETRY = [1000, 3000, 8000];

  const saved = (() => {
    try { return JSON.parse(localStorage.getItem(STORE)) || {}; } catch { return {}; }
  })();
  const keep = () => { try { localStorage.setItem(STORE, JSON.stringify(saved)); } catch { /* 无痕模式也能聊 */ } };
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  if (!saved.sender) { saved.sender = random(); keep(); }

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
      this.busy = 0;
      const root = host.attachShadow({ mode: "open" });
      root.append(el("link", { rel: "stylesheet", href: `${base}/widget.css` }));
      this.log = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "对话", tabindex: "0" });
      this.state = el("p", { class: "state", role: "status" });
      this.input = el("textarea", { rows: "2", maxlength: "2000", "aria-label": "写下您的事", placeholder: "在这里写，比如：包工头欠我三个月工资", onkeydown: (e) => this.key(e) });
      this.form = el("form", { onsubmit: (e) => { e.preventDefault(); this.submit(); } }, this.input, el("button", { class: "send", type: "submit" }, "发送"));
      this.panel = el("section", { class: page ? "panel page" : "panel", "aria-label": "枫桥助手", hidden: !page }, this.header(), this.log, this.state, this.form);
      root.append(this.panel);
      if (!page) root.append(this.launcher());
      this.apply();
      if (page) this.start();
    }

    header() {
      const toggle = (name, title) => el("button", { type: "button", "aria-pressed": String(!!saved[name]), onclick: (e) => {
        saved[name] = !saved[name]; keep(); e.currentTarget.setAttribute("aria-pressed", String(saved[name])); this.apply();
      } }, title);
      const bar = el("div", { class: "tools" }, toggle("large", "大字"), toggle("contrast", "高对比"), el("button", { type: "button", class: "exit", title: "马上离开这个页面，并清掉本机的聊天", onclick: () => this.exit() }, "快速离开"));
      if (!this.page) bar.append(el("button", { type: "button", "aria-label": "收起", onclick: () => this.toggle(false) }, "×"));
      return el("header", {}, el("strong", {}, "小枫 · 法律咨询与调解登记"), el("small", {}, "我是程序，不是律师。危险请打 110。"), bar);
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
      try { localStorage.removeItem(STORE); } catch { /* 没有存过 */ }
      location.replace("about:blank");
    }

    async start() {
      if (this.started) return;
      this.started = true;
      await this.refresh();
      if (!this.log.childElementCount) this.bubble("bot", "您好，我是小枫。您遇到了什么事？直接写下来就行，不用先报姓名。", [{ title: "登记纠纷", payload: "/start_intake" }, { title: "转人工", payload: "/handoff" }]);
      this.poll();
    }

    poll() {
      clearTimeout(this.timer);
      this.timer = setTimeout(async () => { if (!document.hidden && !this.busy) await this.refresh(); this.poll(); }, this.owner === "human" ? POLL_HUMAN : POLL_IDLE);
    }

    async refresh() {
      if (!saved.spoken) return;
      try {
        const answer = await fetch(`${base}/api/v1/conversations/web/${saved.sender}`);
        if (!answer.ok || this.busy) return;
        const talk = await answer.json();
        for (const m of talk.messages) {
          if (this.shown.has(m.id)) continue;
          this.shown.add(m.id);
          this.bubble(m.role, m.text, m.buttons, m.links);
        }
        this.own(talk.owner);
      } catch { /* 断网时下一轮再试 */ }
    }

    own(owner) {
      const changed = owner !== this.owner;
      this.owner = owner;
      if (owner === "human") this.state.textContent = "已转人工，工作人员会在这里回复您。";
      else if (changed) this.state.textContent = "";
      if (changed) this.poll();
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

    async send(text, shown) {
      this.bubble("user", shown);
      if (!saved.spoken) { saved.spoken = true; keep(); }
      const body = JSON.stringify({ channel: "web", sender: saved.sender, message_id: `${saved.sender.slice(0, 12)}-${random()}`, text });
      const typing = el("div", { class: "typing", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
      this.busy += 1;
      this.log.append(typing);
      this.bottom();
      try {
        const turn = await this.post(body);
        typing.remove();
        this.show(turn);
      } catch (problem) {
        this.bubble("bot", problem.plain || "网络不通，这句还没有发出去。请检查网络后再发一次。急事请打 12348，有危险打 110。");
        if (!problem.plain) this.input.value = shown;
      } finally {
        this.busy -= 1;
        typing.remove();
        this.input.focus({ preventScroll: true });
      }
    }

    async post(body, tries = 0) {
      let answer;
      try {
        answer = await fetch(`${base}/api/v1/chat/messages`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
      } catch (problem) {
        if (tries >= RETRY.length) throw problem;
      }
      if (answer && answer.status < 500) {
        const data = await answer.json();
        if (answer.ok) return data;
        throw Object.assign(new Error(data.error), { plain: data.detail });
      }
      if (tries >= RETRY.length) throw new Error("no answer");
      await new Promise((done) => setTimeout(done, RETRY[tries]));
      return this.post(body, tries + 1);
    }

    show(turn) {
      for (const id of turn.message_ids) this.shown.add(id);
      const said = turn.replies.map((reply) => this.bubble("bot", reply.text, reply.buttons, reply.links, turn.crisis));
      if (turn.ticket_no && !turn.crisis) this.log.append(el("div", { class: "ticket" }, el("small", {}, "工单号"), el("b", {}, turn.ticket_no)));
      this.own(turn.owner);
      this.bottom();
      // 长回答从头看起：最要紧的话在第一句。
      if (said.length) this.log.scrollTop = said[0].offsetTop - this.log.offsetTop - 10;
    }

    bubble(role, text, buttons = [], links = [], crisis = null) {
      if (role === "user") for (const old of this.log.querySelectorAll(".choices")) old.remove();
      const node = el("div", { class: `bubble ${role}${crisis ? " crisis" : ""}` });
      if (role === "staff") node.append(el("small", {}, "工作人员"));
      text.split("\n").forEach((line, i) => { if (i) node.append(el("br")); node.append(line); });
      for (const link of links) if (/^(https?:)?\//.test(link.url)) node.append(el("a", { href: link.url, target: "_blank", rel: "noopener" }, link.title));
      this.log.append(node);
      if (buttons.length) this.log.append(el("div", { class: "choices" }, ...buttons.map((b) => el("button", { type: "button", onclick: () => this.send(b.payload, b.title) }, b.title))));
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
