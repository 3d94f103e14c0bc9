// The command palette: Ctrl-K or Cmd-K, type, arrows, Enter. The server answers with the options as HTML.
const dialog = document.getElementById("palette") as HTMLDialogElement | null;
const input = dialog?.querySelector<HTMLInputElement>("[role=combobox]");
const box = dialog?.querySelector<HTMLElement>("[role=listbox]");
const said = dialog?.querySelector<HTMLElement>("[data-said]");

if (dialog && input && box) {
	let running: AbortController | undefined;
	let timer = 0;
	const options = () => [...box.querySelectorAll<HTMLElement>("[role=option]")];
	const active = () => box.querySelector<HTMLElement>("[aria-selected=true]");

	const select = (el: HTMLElement | undefined) => {
		active()?.setAttribute("aria-selected", "false");
		if (!el) return input.removeAttribute("aria-activedescendant");
		el.setAttribute("aria-selected", "true");
		el.scrollIntoView({ block: "nearest" });
		input.setAttribute("aria-activedescendant", el.id);
	};

	const ask = async () => {
		running?.abort();
		const asked = (running = new AbortController());
		try {
			const url = dialog.dataset.url + "?" + new URLSearchParams({ q: input.value.trim() });
			const answer = await fetch(url, { signal: asked.signal, headers: { "HX-Request": "true" } });
			if (!answer.ok) throw new Error(String(answer.status));
			// The answer is a page part of this server, escaped there as every other.
			box.innerHTML = await answer.text();
			options().forEach((o, i) => (o.id ||= `palette-option-${i}`));
			select(options()[0]);
			const n = options().length;
			if (said) said.textContent = n === 0 ? "Nothing found" : n === 1 ? "1 result" : `${n} results`;
		} catch (err) {
			if ((err as Error).name === "AbortError") return;
			box.replaceChildren();
			if (said) said.textContent = "The server does not answer. Try again.";
		}
	};

	const show = () => {
		if (dialog.open) return;
		input.value = "";
		dialog.showModal();
		input.focus();
		void ask();
	};

	document.addEventListener("keydown", (e) => {
		if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") {
			e.preventDefault();
			if (dialog.open) dialog.close();
			else show();
		}
	});
	document.addEventListener("click", (e) => {
		if ((e.target as Element).closest("[data-palette]")) {
			e.preventDefault();
			show();
		}
		const chosen = (e.target as Element).closest<HTMLElement>("#palette [role=option]");
		if (chosen?.dataset.href) location.assign(chosen.dataset.href);
	});

	input.addEventListener("input", () => {
		clearTimeout(timer);
		timer = setTimeout(ask, 120);
	});
	input.addEventListener("keydown", (e) => {
		const all = options();
		const i = all.findIndex((o) => o === active());
		const to: Record<string, number> = { ArrowDown: (i + 1) % all.length, ArrowUp: (i - 1 + all.length) % all.length, Home: 0, End: all.length - 1 };
		const next = to[e.key];
		if (next !== undefined && all.length > 0 && !(e.key === "Home" || e.key === "End" ? e.shiftKey : false)) {
			e.preventDefault();
			select(all[next]);
		} else if (e.key === "Enter") {
			e.preventDefault();
			const href = active()?.dataset.href;
			if (href) location.assign(href);
		}
	});
}
