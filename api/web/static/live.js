/* 页面上会变的几块（data-live）：服务器说有变化，就重新取这一页，只换这几块，正在写的字不动。 */
const AGAIN = 500, LOOK = 5000;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const root = document.querySelector("[data-page]");
const markOf = (node) => node.getAttribute("href") || (node.form && (node.form.getAttribute("action") || node.form.dataset.id));

/* 写字的地方留在原处：上面多了一行，就跟着滚。 */
const steady = (change) => {
  const anchor = document.querySelector("[data-anchor]"), before = anchor && anchor.getBoundingClientRect().top;
  change();
  if (anchor && before < innerHeight) scrollBy(0, anchor.getBoundingClientRect().top - before);
};

/* 前面没变的行不动：光标留得住，读屏也只念新的。 */
const patch = (now, next) => {
  const old = [...now.children], fresh = [...next.children];
  const same = fresh.findIndex((one, at) => !old[at] || old[at].outerHTML !== one.outerHTML);
  const kept = same < 0 ? fresh.length : same;
  for (const gone of old.slice(kept)) gone.remove();
  now.append(...fresh.slice(kept));
};

export const swap = (html) => {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  steady(() => {
    for (const now of document.querySelectorAll("[data-live]")) {
      const next = fresh.getElementById(now.id);
      if (!next) continue;
      const mark = now.contains(document.activeElement) && markOf(document.activeElement);
      patch(now, next);
      if (mark && !now.contains(document.activeElement)) [...now.querySelectorAll("a, button")].find((one) => markOf(one) === mark)?.focus({ preventScroll: true });
    }
  });
};

let wanted = false, running = false;
export const refresh = async () => {
  wanted = true;
  if (running) return;
  running = true;
  try {
    while (wanted) {
      wanted = false;
      const answer = await fetch(root.dataset.page);
      if (answer.ok && !answer.redirected) swap(await answer.text());
      await pause(AGAIN);
    }
  } catch { /* 断网：推送再连上时会说 */ } finally { running = false; }
};

/* 推送：断了浏览器自己再连；服务器拒绝过一次就要重开。返回怎么停。 */
export const stream = (url, heard) => {
  let source = null;
  const open = () => {
    source = new EventSource(url);
    for (const [kind, hear] of Object.entries(heard)) source.addEventListener(kind, (e) => hear(JSON.parse(e.data)));
  };
  const timer = setInterval(() => { if (source.readyState === 2) open(); }, LOOK);
  open();
  return () => { clearInterval(timer); source.close(); };
};

/* 看不见的页面不占连接：浏览器对一个网站只给六条。 */
if (root && root.dataset.events) {
  const start = () => stream(root.dataset.events, { message: refresh, state: refresh, desk: refresh });
  let stop = start();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && stop) { stop(); stop = null; }
    if (!document.hidden && !stop) { refresh(); stop = start(); }
  });
}
