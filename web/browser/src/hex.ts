// A frame as fields and bytes: the field that has the focus or the pointer shows its bytes, a click on bytes goes to their
// field. Without script the links of the fields do the same by loading the page again.
export function mount(el: HTMLElement) {
	const mark = (id: string | undefined) => {
		for (const run of el.querySelectorAll("[data-in]")) {
			run.classList.toggle("on", id !== undefined && run.getAttribute("data-in")!.split(" ").includes(id));
		}
		for (const f of el.querySelectorAll<HTMLElement>("[data-field]")) f.classList.toggle("on", f.dataset.field === id);
	};
	let fixed = el.querySelector<HTMLElement>("[data-field].on")?.dataset.field;
	const field = (e: Event) => (e.target as Element).closest<HTMLElement>("[data-field]")?.dataset.field;

	el.addEventListener("focusin", (e) => {
		const id = field(e);
		if (id !== undefined) mark((fixed = id));
	});
	el.addEventListener("pointerover", (e) => mark(field(e) ?? fixed));
	el.addEventListener("pointerleave", () => mark(fixed));
	el.addEventListener("click", (e) => {
		const at = e.target as Element;
		const link = at.closest<HTMLAnchorElement>("a[data-field]");
		if (link) {
			e.preventDefault();
			mark((fixed = link.dataset.field));
			el.querySelector(".run.on")?.scrollIntoView({ block: "nearest" });
			return;
		}
		const id = at.closest("[data-in]")?.getAttribute("data-in")?.split(" ")[0];
		if (id === undefined) return;
		const target = el.querySelector<HTMLElement>(`[data-field="${CSS.escape(id)}"]`);
		for (let d = target?.closest("details"); d; d = d.parentElement?.closest("details") ?? null) d.open = true;
		target?.focus();
	});
	// Up and down walk through the fields that can be seen.
	el.addEventListener("keydown", (e) => {
		if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
		const stops = [...el.querySelectorAll<HTMLElement>("summary, a[data-field]")].filter((s) => s.checkVisibility());
		const i = stops.indexOf(document.activeElement as HTMLElement);
		if (i < 0) return;
		e.preventDefault();
		stops[i + (e.key === "ArrowDown" ? 1 : -1)]?.focus();
	});
}
