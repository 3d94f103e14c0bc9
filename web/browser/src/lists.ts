// Keys and selection of lists: j and k move, x selects, Enter opens, / goes to the search of the list, ? shows the keys.
// With Shift a range is selected. All of it is also there as links and check boxes.

const typing = (el: Element | null) => !!el?.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]");
const list = () => document.querySelector<HTMLElement>("table[data-rows]");
const rows = (table: HTMLElement) => [...table.querySelectorAll<HTMLTableRowElement>("tbody tr[data-row]")];

function current(table: HTMLElement): number {
	const all = rows(table);
	const focused = document.activeElement?.closest("tr");
	const i = all.findIndex((r) => r === focused);
	return i >= 0 ? i : all.findIndex((r) => r.classList.contains("at"));
}

function go(table: HTMLElement, i: number) {
	const all = rows(table);
	const row = all[Math.min(Math.max(i, 0), all.length - 1)];
	if (!row) return;
	for (const r of all) {
		r.classList.toggle("at", r === row);
		r.tabIndex = r === row ? 0 : -1;
	}
	row.focus({ preventScroll: true });
	row.scrollIntoView({ block: "nearest" });
}

const box = (row: Element | undefined) => row?.querySelector<HTMLInputElement>("input[data-select]") ?? null;
let anchor: HTMLInputElement | null = null;

function counted(form: HTMLFormElement) {
	const boxes = [...form.querySelectorAll<HTMLInputElement>("tbody input[data-select]")];
	const n = boxes.filter((b) => b.checked).length;
	for (const b of boxes) b.closest("tr")?.toggleAttribute("data-selected", b.checked);
	const all = form.querySelector<HTMLInputElement>("[data-select-page]");
	if (all) {
		all.checked = n > 0 && n === boxes.length;
		all.indeterminate = n > 0 && n < boxes.length;
	}
	const everything = form.querySelector<HTMLInputElement>("[data-select-all]");
	if (everything && n < boxes.length) everything.checked = false;
	const words = form.querySelector<HTMLElement>("[data-selected-count]");
	if (words) words.textContent = everything?.checked ? words.dataset.all! : `${n} selected`;
}

// A page that came back because something was refused has rows selected already.
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-selection]")) counted(form);

document.addEventListener("change", (e) => {
	const input = e.target as HTMLInputElement;
	const form = input.form;
	if (!form?.matches("[data-selection]")) return;
	if (input.matches("[data-select-page]")) {
		for (const b of form.querySelectorAll<HTMLInputElement>("tbody input[data-select]")) b.checked = input.checked;
	}
	counted(form);
});

document.addEventListener("click", (e) => {
	const at = e.target as HTMLElement;
	const input = at.closest<HTMLInputElement>("input[data-select]");
	if (input) {
		const form = input.form;
		if (e.shiftKey && anchor && form && anchor.form === form) {
			const boxes = [...form.querySelectorAll<HTMLInputElement>("tbody input[data-select]")];
			const [a, b] = [boxes.indexOf(anchor), boxes.indexOf(input)].sort((x, y) => x - y) as [number, number];
			for (const other of boxes.slice(a, b + 1)) other.checked = input.checked;
			counted(form);
		}
		anchor = input;
		return;
	}
	const clear = at.closest("[data-select-none]");
	if (clear) {
		const form = clear.closest("form");
		for (const b of form?.querySelectorAll<HTMLInputElement>("input[type=checkbox]") ?? []) b.checked = false;
		if (form) counted(form);
		return;
	}
	const row = at.closest<HTMLElement>("tr[data-row]");
	const table = row?.closest<HTMLElement>("table[data-rows]");
	if (row && table && !at.closest("a, button, input, label, summary")) go(table, rows(table).indexOf(row as HTMLTableRowElement));
});

// The field of the search has told of each letter already. That it lost the focus would have the list made anew just then: under
// the click that took the focus, which would hit a row that is gone.
document.addEventListener("change", (e) => {
	if ((e.target as Element).matches("[data-list-search]")) e.stopPropagation();
}, true);

document.addEventListener("keydown", (e) => {
	if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || typing(e.target as Element)) return;
	if (e.key === "/") {
		const field = document.querySelector<HTMLInputElement>("[data-list-search]") ?? document.querySelector<HTMLInputElement>("[data-search]");
		if (field) {
			e.preventDefault();
			field.focus();
			field.select();
		}
		return;
	}
	if (e.key === "?") {
		(document.getElementById("keys") as HTMLDialogElement | null)?.showModal();
		return;
	}
	const table = list();
	if (!table) return;
	const i = current(table);
	switch (e.key) {
		case "j":
			go(table, i + 1);
			break;
		case "k":
			go(table, i < 0 ? 0 : i - 1);
			break;
		case "x": {
			const b = box(rows(table)[i]);
			if (!b) return;
			b.checked = !b.checked;
			anchor = b;
			if (b.form) counted(b.form);
			break;
		}
		case "Enter": {
			if ((e.target as Element).closest("a, button, summary, input")) return;
			const link = rows(table)[i]?.querySelector<HTMLAnchorElement>("a[data-open]");
			if (!link) return;
			link.click();
			break;
		}
		default:
			return;
	}
	e.preventDefault();
});
