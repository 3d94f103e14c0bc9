// Dialogues, the drawer and menus. Without script a dialogue is shown by the link that leads to it (:target), and the
// drawer's link leads to its own page.

function show(dialog: HTMLDialogElement) {
	if (dialog.open) return;
	dialog.showModal();
	dialog.querySelector<HTMLElement>("[autofocus]")?.focus();
}

let denied: { el: HTMLElement; event: string } | undefined;

document.addEventListener("click", (e) => {
	const at = e.target as Element;
	const opener = at.closest<HTMLElement>("[data-dialog]");
	if (opener) {
		const dialog = document.getElementById(opener.dataset.dialog!);
		if (dialog instanceof HTMLDialogElement) {
			e.preventDefault();
			show(dialog);
		}
		return;
	}
	const closer = at.closest("[data-close]");
	const dialog = at.closest("dialog");
	if (dialog && (closer || (at === dialog && !dialog.hasAttribute("data-keep")))) {
		e.preventDefault();
		dialog.close();
	}
	for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
		if (!menu.contains(at)) menu.open = false;
	}
});

// Choosing something in a menu by key or pointer closes others; Escape closes it and goes back to its button.
document.addEventListener("keydown", (e) => {
	if (e.key !== "Escape") return;
	const menu = (e.target as Element).closest<HTMLDetailsElement>("details.menu[open]");
	if (!menu) return;
	menu.open = false;
	menu.querySelector("summary")?.focus();
	e.stopPropagation();
});

document.addEventListener("toggle", (e) => {
	const menu = e.target as HTMLDetailsElement;
	if (!menu.matches?.("details.menu") || !menu.open) return;
	for (const other of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
		if (other !== menu && !other.contains(menu)) other.open = false;
	}
	// A menu that would leave the window opens to the other side.
	const panel = menu.querySelector<HTMLElement>(":scope > .panel");
	panel?.classList.toggle("left", false);
	if (panel && panel.getBoundingClientRect().right > document.documentElement.clientWidth) panel.classList.add("left");
}, true);

// What was loaded for the drawer or as a dialogue is shown.
document.addEventListener("htmx:afterSwap", (e) => {
	const target = (e as CustomEvent<{ target: Element }>).detail.target;
	if (target.id === "drawer-body") show(document.getElementById("drawer") as HTMLDialogElement);
	if (target.id === "dialogs") {
		const dialog = target.querySelector("dialog");
		if (dialog) show(dialog);
	}
});

// A request refused until presence is proved once more is remembered, and made again after it was proved.
document.addEventListener("htmx:responseError", (e) => {
	const d = (e as CustomEvent<{ xhr: XMLHttpRequest; requestConfig: { elt: HTMLElement; triggeringEvent?: Event } }>).detail;
	if (d.xhr.getResponseHeader("HX-Retarget") === "#dialogs") {
		denied = { el: d.requestConfig.elt, event: d.requestConfig.triggeringEvent?.type ?? "click" };
	}
});
document.addEventListener("presence-proved", () => {
	document.querySelector<HTMLDialogElement>("#dialogs dialog")?.close();
	const again = denied;
	denied = undefined;
	if (!again || !again.el.isConnected) return;
	if (again.el instanceof HTMLFormElement) again.el.requestSubmit();
	else again.el.dispatchEvent(new Event(again.event, { bubbles: true, cancelable: true }));
});
