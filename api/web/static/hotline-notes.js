/* 通话里记下的话：一句一句按次序存。没存上的留在本标签页，刷新也在，网络好了自己再存；同一编号只算一次。 */
const KEY = "fengqiao.hotline.unsent", LATE = "没有存上，网络好了再存", AGAIN = 4000;

export class Notes {
  /* box：记下的话列在哪；post(call, body)：存一句，被拒时错误带 plain；noted(call)：已经存上的；stored(answer)：存上一句以后。 */
  constructor(box, post, noted, stored) {
    Object.assign(this, { box, post, noted, stored, call: null, running: null });
    this.unsent = JSON.parse(sessionStorage.getItem(KEY) || "[]").map((one) => ({ ...one, refused: false }));
    addEventListener("online", () => this.flush());
    setInterval(() => this.flush(), AGAIN);
  }

  /* 打开一通：已经存上的，加上本机还没存上的；补存完再照存上的列一遍，免得有的其实早存上了。 */
  async show(call, noted) {
    this.call = call;
    this.draw(noted);
    if (this.of(call).length && await this.flush() && this.call === call) this.draw(await this.noted(call));
  }

  draw(noted) {
    this.box.replaceChildren(...noted.map((text) => this.row({ text })), ...this.of(this.call).map((one) => this.row(one, LATE)));
  }

  of(call) { return this.unsent.filter((one) => one.call === call); }

  add(text) {
    const one = { call: this.call, id: Array.from(crypto.getRandomValues(new Uint8Array(9)), (b) => b.toString(16).padStart(2, "0")).join(""), text };
    this.unsent.push(one);
    this.keep();
    this.box.append(this.row(one));
    return this.flush();
  }

  keep() { sessionStorage.setItem(KEY, JSON.stringify(this.unsent)); }

  row(one, why = "") {
    const row = document.createElement("p");
    row.dataset.id = one.id || "";
    row.append(one.text);
    if (why) this.mark(row, one, why);
    return row;
  }

  mark(row, one, why) {
    if (row.querySelector("small")?.textContent === why) return;
    const button = (title, pressed) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "plain";
      made.textContent = title;
      made.addEventListener("click", pressed);
      return made;
    };
    const note = document.createElement("small");
    note.textContent = why;
    row.className = "problem";
    row.replaceChildren(one.text, document.createElement("br"), note, " ",
      button("再存一次", () => { one.refused = false; this.flush(); }), " ", button("不要这句", () => { this.drop(one); row.remove(); }));
  }

  drop(one) {
    this.unsent = this.unsent.filter((other) => other.id !== one.id);
    this.keep();
  }

  /* 返回这一通是不是都存上了。被拒的（不是断网）不自己再试，等人看。 */
  flush() {
    this.running = this.running || this.run().finally(() => { this.running = null; });
    return this.running;
  }

  async run() {
    for (let one; (one = this.unsent.find((other) => !other.refused));) {
      const row = this.box.querySelector(`[data-id="${one.id}"]`);
      try {
        const answer = await this.post(one.call, { message_id: one.id, text: one.text });
        this.drop(one);
        if (row) { row.className = ""; row.replaceChildren(one.text); }
        if (one.call === this.call) this.stored(answer);
      } catch (problem) {
        one.refused = !!problem.plain;
        if (row) this.mark(row, one, problem.plain ? `没有存上：${problem.plain}` : LATE);
        if (!problem.plain) break;
      }
    }
    return !this.of(this.call).length;
  }
}
