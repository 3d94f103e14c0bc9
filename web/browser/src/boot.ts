// What every page loads. Pages work without it: it adds partial updates (htmx), keys and the islands, which are elements
// with data-island that load one module each.
import htmx from "htmx.org";
import "./theme";
import "./overlays";
import "./toasts";
import "./lists";
import "./palette";

type Mount = (el: HTMLElement) => void;

const islands: Record<string, () => Promise<{ mount: Mount }>> = {
	graph: () => import("./graph"),
	hex: () => import("./hex"),
	passkey: () => import("./passkey"),
	upload: () => import("./upload"),
};

// What has begun to load. An element is called mounted (data-mounted) only when its module has it in hand: style sheets hide
// what stands there for browsers without script, and nobody may meet a page on which neither works.
const begun = new WeakSet<HTMLElement>();

htmx.onLoad((root) => {
	const found = [...(root as HTMLElement).querySelectorAll<HTMLElement>("[data-island]")];
	if ((root as HTMLElement).dataset?.island) found.push(root as HTMLElement);
	for (const el of found) {
		if (begun.has(el)) continue;
		begun.add(el);
		islands[el.dataset.island!]?.()
			.then((m) => {
				m.mount(el);
				el.dataset.mounted = "";
			})
			.catch(() => el.setAttribute("data-failed", ""));
	}
});

// Where a row of places does not fit, the one that is open is in sight.
document.querySelector("nav.side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Fields that are empty stay out of the address of a filtered list.
document.addEventListener("htmx:configRequest", (e) => {
	const { verb, formData } = (e as CustomEvent<{ verb: string; formData: FormData }>).detail;
	if (verb !== "get") return;
	for (const [name, value] of [...formData.entries()]) if (value === "") formData.delete(name);
});

// Menus that were open stay open when the part around them is replaced.
let open: string[] = [];
document.addEventListener("htmx:beforeSwap", (e) => {
	const target = (e as CustomEvent<{ target: Element }>).detail.target;
	open = [...target.querySelectorAll("details[id][open]")].map((d) => d.id);
});
document.addEventListener("htmx:afterSwap", () => {
	for (const id of open) document.getElementById(id)?.setAttribute("open", "");
	open = [];
});

// A request that got no answer at all is said, because nothing else on the page would change.
document.addEventListener("htmx:sendError", () => {
	document.dispatchEvent(new CustomEvent("toast", { detail: { kind: "bad", text: "The server does not answer. Nothing was changed; try again." } }));
});

// The page is called ready when its links and forms are taken over, which htmx does when the document is read to its end: a
// key that comes sooner is answered by the plain way, a page of its own in place of the drawer.
const ready = () => (document.documentElement.dataset.ready = "");
if (document.readyState === "complete") ready();
else document.addEventListener("DOMContentLoaded", ready);
