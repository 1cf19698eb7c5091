/* 回复一位来访人：没写完的留着，没发出去、被拒的也留着。没有脚本时照样能用。 */
import { swap } from "./live.js";

const LATE = "没有发出去。您写的话还在，网络好了再点一次“发送”。";
const OUT = "登录过期了，您写的话还在。请在另一个窗口登录，再回来点“发送”。";
const form = document.getElementById("reply"), box = form.text, problem = document.getElementById("problem");
const key = `fengqiao.reply.${form.getAttribute("action")}`;
const say = (text) => {
  const line = document.createElement("p");
  line.className = "problem";
  line.textContent = text;
  problem.replaceChildren(...(text ? [line] : []));
};

box.value = box.value || sessionStorage.getItem(key) || "";
box.addEventListener("input", () => sessionStorage.setItem(key, box.value));
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const html = await answer.text();
    if (new URL(answer.url).pathname === "/console/login") { say(OUT); return; }
    const told = new DOMParser().parseFromString(html, "text/html").querySelector("#problem, main .problem");
    say(answer.ok ? "" : (told && told.textContent.trim()) || LATE);
    swap(html);
    if (!answer.ok) return;
    box.value = "";
    sessionStorage.removeItem(key);
    box.focus();
  } catch {
    say(LATE);
  } finally {
    button.disabled = false;
  }
});
