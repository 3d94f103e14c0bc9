// Short messages. The server writes them into the page or sends them with an answer; those that ask for nothing leave by
// themselves, those with an undo or a fault stay until they are closed.
const stay = 8000;
const region = () => document.getElementById("toasts");

function arm(el: HTMLElement) {
	if (el.dataset.armed !== undefined) return;
	el.dataset.armed = "";
	if (el.matches(".bad, .warn") || el.querySelector("form")) return;
	let timer = setTimeout(() => el.remove(), stay);
	el.addEventListener("pointerenter", () => clearTimeout(timer));
	el.addEventListener("pointerleave", () => (timer = setTimeout(() => el.remove(), stay)));
	el.addEventListener("focusin", () => clearTimeout(timer));
}

function armAll() {
	const list = region()?.querySelectorAll<HTMLElement>(".toast") ?? [];
	list.forEach(arm);
	// More than five at once hide the page; the oldest go first.
	[...list].slice(0, Math.max(0, list.length - 5)).forEach((el) => el.remove());
}

const at = region();
if (at) new MutationObserver(armAll).observe(at, { childList: true });
armAll();

document.addEventListener("click", (e) => {
	const button = (e.target as Element).closest("[data-dismiss]");
	button?.closest(".toast")?.remove();
});

// Other scripts say something by an event "toast" with kind and text.
document.addEventListener("toast", (e) => {
	const { kind, text } = (e as CustomEvent<{ kind: string; text: string }>).detail;
	const model = document.getElementById("toast-model") as HTMLTemplateElement | null;
	const el = model?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined;
	if (!el) return;
	el.classList.add(kind);
	el.querySelector(".text")!.textContent = text;
	region()?.append(el);
});
