// The drawing of zones and conduits. The list beside it holds the same facts and is what keys reach; here pointer and keys
// move the drawing. The server says where everything stands, so that the same state gives the same picture and no conduit
// runs across a zone that is not its own; nothing is laid out here.
import cytoscape from "cytoscape";
import { token } from "./theme";

// readable is the size below which names of assets are left out.
const readable = 0.47;

type Point = { x: number; y: number };

// bends says where a line turns, as Cytoscape wants it: how far along the straight way from end to end, and how far beside it.
const bends = (points: Point[]) => {
	const [from, to] = [points[0]!, points[points.length - 1]!];
	const [dx, dy] = [to.x - from.x, to.y - from.y];
	const length = Math.hypot(dx, dy) || 1;
	// A corner given twice, and where the line does not turn, is none.
	const turns = (p: Point, i: number, all: Point[]) => {
		const [a, b] = [all[i - 1], all[i + 1]];
		return a !== undefined && b !== undefined && (p.x - a.x) * (b.y - p.y) !== (p.y - a.y) * (b.x - p.x);
	};
	const inner = points.filter((p, i) => p.x !== points[i - 1]?.x || p.y !== points[i - 1]?.y).filter(turns).map((p) => ({ x: p.x - from.x, y: p.y - from.y }));
	if (!inner.length) return { weights: [0.5], distances: [0] };
	return {
		weights: inner.map((p) => (p.x * dx + p.y * dy) / (length * length)),
		distances: inner.map((p) => (p.y * dx - p.x * dy) / length),
	};
};

// place takes the corners of an edge apart once, because styles are asked for often.
const place = (e: cytoscape.ElementDefinition, nodes: Map<string, Point>) => {
	const points = e.data["points"] as Point[] | undefined;
	if (!points) return;
	const end = (p: Point, of: string) => {
		const at = nodes.get(of)!;
		return `${p.x - at.x}px ${p.y - at.y}px`;
	};
	const { weights, distances } = bends(points);
	e.data["leaves"] = end(points[0]!, e.data["source"] as string);
	e.data["arrives"] = end(points[points.length - 1]!, e.data["target"] as string);
	e.data["weights"] = weights.join(" ");
	e.data["distances"] = distances.join(" ");
};

const look = (): cytoscape.StylesheetJson => {
	const font = { "font-family": "Inter Variable, system-ui, sans-serif" };
	const severity = (name: string) => ({ selector: `node[severity='${name}']`, style: { "background-color": token(`--${name}`), "border-color": token(`--${name}`) } });
	const state = (name: string, colour: string, dash: number[], width: number, order: number) => ({
		selector: `edge[state='${name}']`,
		style: { "line-color": token(colour), "target-arrow-color": token(colour), width, "z-index": order, ...(dash.length ? { "line-style": "dashed", "line-dash-pattern": dash } : { "line-style": "solid" }) } as cytoscape.Css.Edge,
	});
	const size = { width: "data(wide)", height: "data(high)", shape: "rectangle" };
	return [
		{ selector: "node", style: { ...font, label: "data(label)", color: token("--text") } },
		{ selector: "node[kind='band'], node[kind='level']", style: { events: "no", "z-compound-depth": "bottom" } },
		{ selector: "node[kind='band']", style: { ...size, label: "", "background-color": token("--sunk"), "border-width": 0 } },
		{ selector: "node[kind='level']", style: { width: 1, height: 1, "background-opacity": 0, "font-size": 20, "min-zoomed-font-size": 6, "font-weight": 600, color: token("--text-2"), "text-valign": "center" } },
		{ selector: "node[kind='zone']", style: { ...size, shape: "round-rectangle", "corner-radius": "8", "background-color": token("--card"), "border-color": token("--line-2"), "border-width": 1.5, "text-valign": "top", "text-margin-y": 34, "font-weight": 600, "font-size": 20, "min-zoomed-font-size": 6, "z-index": 1 } },
		{ selector: "node[kind='zone'][?bare]", style: { "text-valign": "center", "text-margin-y": 0 } },
		{ selector: "node[kind='asset']", style: { "background-color": token("--chip"), "border-width": 1.5, "border-color": token("--text-3"), "font-size": 13, "min-zoomed-font-size": 13 * readable, "text-valign": "bottom", "text-margin-y": 5, "text-wrap": "ellipsis", "text-max-width": "112px", width: 22, height: 22, "z-index": 2 } },
		severity("critical"), severity("high"), severity("medium"), severity("low"),
		{ selector: "node[severity='critical']", style: { shape: "octagon" } },
		{ selector: "node[severity='high']", style: { shape: "triangle" } },
		{ selector: "node[severity='medium']", style: { shape: "diamond" } },
		{ selector: "edge", style: { "curve-style": "round-segments", "segment-radii": 8, "edge-distances": "endpoints", "source-endpoint": "data(leaves)", "target-endpoint": "data(arrives)", "segment-weights": "data(weights)", "segment-distances": "data(distances)", "target-arrow-shape": "triangle", "arrow-scale": 0.9 } as unknown as cytoscape.Css.Edge },
		// Dashes are those of the drawing by level. What is in order stands back: it is most of what there is, and seldom what is
		// looked for.
		state("undocumented", "--critical", [6, 4], 3, 9), state("exceeded", "--high", [12, 3, 3, 3], 3, 8), state("unknown", "--text-3", [10, 5], 2, 7),
		state("approved", "--ok", [], 1.5, 2), state("unused", "--text-3", [2, 5], 1.5, 1),
		{ selector: "edge[state='approved'], edge[state='unused']", style: { opacity: 0.6 } },
		{ selector: ".away", style: { display: "none" } },
		{ selector: ":selected", style: { "overlay-color": token("--accent"), "overlay-opacity": 0.18, "overlay-padding": 6 } },
	] as cytoscape.StylesheetJson;
};

export async function mount(el: HTMLElement) {
	const says = document.getElementById(el.getAttribute("aria-describedby") ?? "");
	const say = (s: string) => says && (says.textContent = s);
	const waits = says?.textContent; // a large port takes a while, which the page says
	try {
		const answer = await fetch(el.dataset.url!, { headers: { Accept: "application/json" } });
		if (!answer.ok) throw new Error(String(answer.status));
		const elements = (await answer.json()) as cytoscape.ElementDefinition[];
		const nodes = new Map(elements.filter((e) => e.position).map((e) => [e.data.id!, e.position!]));
		for (const e of elements) place(e, nodes);
		const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
		const cy = cytoscape({
			container: el, elements, style: look(), minZoom: 0.1, maxZoom: 3, boxSelectionEnabled: false, autoungrabify: true, layout: { name: "preset", fit: false },
		});
		const fit = () => {
			cy.resize();
			cy.fit(undefined, 12);
		};
		// At first all of it is shown, or, where names would be too small to read, its top in the whole width, or its upper left.
		const start = () => {
			fit();
			if (cy.zoom() < readable) cy.viewport({ zoom: Math.max(readable, (el.clientWidth - 24) / cy.elements().boundingBox().w), pan: { x: 12, y: 12 } });
		};
		start();
		let last = el.clientWidth;
		new ResizeObserver(() => {
			if (el.clientWidth !== last) start();
			last = el.clientWidth;
		}).observe(el);
		document.addEventListener("themechange", () => cy.style(look()));
		cy.on("tap", "node, edge", (e) => {
			const href = e.target.data("href") as string | undefined;
			if (href) location.assign(href);
		});
		cy.on("mouseover", "node, edge", (e) => {
			el.style.cursor = e.target.data("href") ? "pointer" : "";
			say(String(e.target.data("about") ?? e.target.data("label") ?? ""));
		});
		cy.on("mouseout", "node, edge", () => (el.style.cursor = ""));
		// An entry of the list beside it shows where it is in the drawing.
		document.addEventListener("focusin", (e) => point(e));
		document.addEventListener("pointerover", (e) => point(e));
		const point = (e: Event) => {
			const id = (e.target as Element).closest?.<HTMLElement>("[data-node]")?.dataset.node;
			if (id === undefined) return;
			cy.elements().unselect();
			const found = cy.getElementById(id).select();
			const [box, seen] = [found.boundingBox(), cy.extent()];
			if (found.nonempty() && (box.x2 < seen.x1 || box.x1 > seen.x2 || box.y2 < seen.y1 || box.y1 > seen.y2)) cy.center(found);
		};
		el.addEventListener("keydown", (e) => {
			const step = 60;
			const moves: Record<string, () => void> = {
				ArrowLeft: () => cy.panBy({ x: step, y: 0 }), ArrowRight: () => cy.panBy({ x: -step, y: 0 }),
				ArrowUp: () => cy.panBy({ x: 0, y: step }), ArrowDown: () => cy.panBy({ x: 0, y: -step }),
				"+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": fit,
			};
			const move = moves[e.key];
			if (!move || e.ctrlKey || e.metaKey) return;
			e.preventDefault();
			move();
		});
		const zoom = (by: number) => {
			if (calm) cy.zoom({ level: cy.zoom() * by, renderedPosition: { x: el.clientWidth / 2, y: el.clientHeight / 2 } });
			else cy.animate({ zoom: { level: cy.zoom() * by, renderedPosition: { x: el.clientWidth / 2, y: el.clientHeight / 2 } } } as cytoscape.AnimationOptions, { duration: 120 });
		};
		for (const b of document.querySelectorAll<HTMLElement>(`[data-graph="${el.id}"]`)) {
			if (b instanceof HTMLInputElement) {
				const choose = () => {
					const edges = cy.edges("[state='approved'], [state='unused']").toggleClass("away", b.checked);
					say(b.checked ? `${edges.length} approved conduits are hidden, ${cy.edges().length - edges.length} are shown` : "");
				};
				b.addEventListener("change", choose);
				if (b.checked) choose(); // as it was left, after a page came back
			} else b.addEventListener("click", () => (b.dataset.act === "fit" ? fit() : zoom(b.dataset.act === "in" ? 1.25 : 0.8)));
		}
		if (says?.textContent === waits) say("");
		el.dataset.ready = "";
	} catch {
		el.dataset.failed = "";
		say("The drawing could not be loaded. The list holds the same facts.");
	}
}
