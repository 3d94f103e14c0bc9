// The drawing of zones and conduits. The list beside it holds the same facts and is what keys reach; here pointer and keys
// move the drawing. Zones are the nodes that hold others.
import cytoscape from "cytoscape";
import fcose from "cytoscape-fcose";
import { token } from "./theme";

cytoscape.use(fcose);

const look = (): cytoscape.StylesheetJson => {
	const font = { "font-family": "Inter Variable, system-ui, sans-serif" };
	const severity = (name: string) => ({ selector: `node[severity='${name}']`, style: { "background-color": token(`--${name}`), "border-color": token(`--${name}`) } });
	const verdict = (name: string, colour: string, line: "solid" | "dashed" | "dotted") => ({
		selector: `edge[verdict='${name}']`,
		style: { "line-color": token(colour), "target-arrow-color": token(colour), "line-style": line },
	});
	return [
		{ selector: "node", style: { ...font, "background-color": token("--chip"), "border-width": 1.5, "border-color": token("--text-3"), label: "data(label)", color: token("--text"), "font-size": 13, "min-zoomed-font-size": 7, "text-valign": "bottom", "text-margin-y": 5, "text-wrap": "ellipsis", "text-max-width": "110px", width: 22, height: 22 } },
		{ selector: ":parent", style: { ...font, "background-color": token("--sunk"), "background-opacity": 0.7, "border-color": token("--line-2"), "border-width": 1, shape: "round-rectangle", "text-valign": "top", "text-margin-y": -6, "font-weight": 600, "font-size": 19, "min-zoomed-font-size": 6, color: token("--text"), padding: "22px", "text-max-width": "260px" } },
		// A zone in which nothing is drawn.
		{ selector: "node[!severity]:childless", style: { "background-color": token("--sunk"), "border-color": token("--line-2"), "border-width": 1, shape: "round-rectangle", width: 210, height: 56, "text-wrap": "wrap", "text-valign": "center", "text-margin-y": 0, "font-weight": 600, "font-size": 19, "min-zoomed-font-size": 6, "text-max-width": "196px" } },
		severity("critical"), severity("high"), severity("medium"), severity("low"),
		{ selector: "node[severity='critical']", style: { shape: "octagon" } },
		{ selector: "node[severity='high']", style: { shape: "triangle" } },
		{ selector: "node[severity='medium']", style: { shape: "diamond" } },
		{ selector: "edge", style: { ...font, width: 1.5, "line-color": token("--line-2"), "curve-style": "bezier", "target-arrow-shape": "triangle", "target-arrow-color": token("--line-2"), "arrow-scale": 0.8, label: "data(label)", "font-size": 10, "min-zoomed-font-size": 8, color: token("--text-2"), "text-rotation": "autorotate", "text-background-color": token("--card"), "text-background-opacity": 0.85, "text-background-padding": "2px" } },
		verdict("approved_used", "--ok", "solid"), verdict("approved_unused", "--text-3", "dotted"),
		verdict("undocumented", "--critical", "dashed"), verdict("bypass", "--critical", "dashed"),
		verdict("excess_permission", "--high", "dashed"), verdict("broken_conduit", "--high", "dashed"),
		// What is in order stands back: it is most of what there is, and seldom what is looked for.
		{ selector: "edge[verdict='approved_used'], edge[verdict='approved_unused']", style: { opacity: 0.55, "text-opacity": 0, "z-index": 1 } },
		{ selector: "edge[verdict='undocumented'], edge[verdict='bypass'], edge[verdict='excess_permission'], edge[verdict='broken_conduit']", style: { width: 2.5, "z-index": 9 } },
		{ selector: ".away", style: { display: "none" } },
		{ selector: ":selected", style: { "overlay-color": token("--accent"), "overlay-opacity": 0.18, "overlay-padding": 6 } },
	];
};

export async function mount(el: HTMLElement) {
	const says = document.getElementById(el.getAttribute("aria-describedby") ?? "");
	const say = (s: string) => says && (says.textContent = s);
	try {
		const answer = await fetch(el.dataset.url!, { headers: { Accept: "application/json" } });
		if (!answer.ok) throw new Error(String(answer.status));
		const elements = (await answer.json()) as cytoscape.ElementDefinition[];
		const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
		const cy = cytoscape({
			container: el, elements, style: look(), minZoom: 0.15, maxZoom: 3, boxSelectionEnabled: false,
			layout: { name: "fcose", randomize: true, animate: false, quality: elements.length > 1500 ? "draft" : "proof", nodeSeparation: 130, idealEdgeLength: 120, nodeDimensionsIncludeLabels: true, packComponents: true, tilingPaddingVertical: 24, tilingPaddingHorizontal: 24 } as cytoscape.LayoutOptions,
		});
		const fit = () => {
			cy.resize();
			cy.fit(undefined, 20);
		};
		fit();
		let last = el.clientWidth;
		new ResizeObserver(() => {
			if (el.clientWidth !== last) fit();
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
			cy.getElementById(id).select();
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
					const edges = cy.edges("[verdict='approved_used'], [verdict='approved_unused']").toggleClass("away", b.checked);
					say(b.checked ? `${edges.length} approved conduits are hidden, ${cy.edges().length - edges.length} are shown` : "");
				};
				b.addEventListener("change", choose);
				if (b.checked) choose(); // as it was left, after a page came back
			} else b.addEventListener("click", () => (b.dataset.act === "fit" ? fit() : zoom(b.dataset.act === "in" ? 1.25 : 0.8)));
		}
		el.dataset.ready = "";
	} catch {
		el.dataset.failed = "";
		say("The drawing could not be loaded. The list holds the same facts.");
	}
}
