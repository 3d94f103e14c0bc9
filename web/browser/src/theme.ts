// Light, dark or as the system has it. The choice is a form that works by itself; here it takes effect at once and is sent
// along, so that the next page comes in it.
document.addEventListener("submit", (e) => {
	const form = e.target as HTMLFormElement;
	if (!form.matches("[data-theme-form]")) return;
	e.preventDefault();
	const button = (e as SubmitEvent).submitter as HTMLButtonElement | null;
	if (!button) return;
	const body = new URLSearchParams({ theme: button.value });
	const root = document.documentElement;
	if (button.value === "system") delete root.dataset.theme;
	else root.dataset.theme = button.value;
	for (const b of form.querySelectorAll("button")) b.setAttribute("aria-pressed", String(b === button));
	document.dispatchEvent(new CustomEvent("themechange"));
	void fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("themechange")));

// A design token as a colour that a canvas understands.
export function token(name: string): string {
	const probe = document.createElement("i");
	probe.style.color = `var(${name})`;
	document.body.append(probe);
	const c = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
	c.fillStyle = getComputedStyle(probe).color;
	c.fillRect(0, 0, 1, 1);
	const [r, g, b] = c.getImageData(0, 0, 1, 1).data;
	probe.remove();
	return `rgb(${r},${g},${b})`;
}
