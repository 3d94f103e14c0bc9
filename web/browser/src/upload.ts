// Files one by one, each with its own progress, at most two at a time. The form sends all of them at once without script.
const atOnce = 2;

export function mount(form: HTMLElement) {
	if (!(form instanceof HTMLFormElement)) return;
	const input = form.querySelector<HTMLInputElement>("input[type=file]");
	const out = form.querySelector<HTMLElement>("[data-files]");
	const model = form.querySelector<HTMLTemplateElement>("template");
	if (!input || !out || !model) return;
	const waiting: (() => void)[] = [];
	let running = 0;

	const next = () => {
		while (running < atOnce && waiting.length > 0) {
			running++;
			waiting.shift()!();
		}
	};

	const size = (n: number) => {
		const units = ["B", "kB", "MB", "GB", "TB"];
		let i = 0;
		for (; n >= 1000 && i < units.length - 1; i++) n /= 1000;
		return `${i === 0 ? n : n.toPrecision(3)} ${units[i]}`;
	};

	const send = (file: File) => {
		const row = model.content.firstElementChild!.cloneNode(true) as HTMLElement;
		const bar = row.querySelector("progress")!;
		const says = row.querySelector<HTMLElement>("[data-says]")!;
		const stop = row.querySelector<HTMLButtonElement>("button")!;
		row.querySelector("[data-name]")!.textContent = file.name;
		bar.setAttribute("aria-label", file.name);
		says.textContent = `${size(file.size)}, waiting`;
		stop.setAttribute("aria-label", `Cancel ${file.name}`);
		out.append(row);
		const end = (text: string, state: string) => {
			says.textContent = text;
			row.dataset.state = state;
			bar.remove();
			stop.remove();
			running--;
			next();
		};
		const limit = Number(form.dataset.limit ?? 0);
		if (limit > 0 && file.size > limit) {
			running++; // end counts it down
			return end(`Larger than the ${size(limit)} that a file may have`, "failed");
		}
		let ended = false;
		waiting.push(() => {
			if (ended) {
				running--;
				return next();
			}
			const request = new XMLHttpRequest();
			const body = new FormData(form);
			body.delete(input.name);
			body.append(input.name, file);
			request.open("POST", form.action);
			request.setRequestHeader("HX-Request", "true");
			request.setRequestHeader("HX-Target", "files");
			request.upload.addEventListener("progress", (e) => {
				if (!e.lengthComputable) return;
				bar.value = e.loaded / e.total;
				says.textContent = e.loaded < e.total ? `${size(e.loaded)} of ${size(file.size)}` : "Received, being read";
			});
			request.addEventListener("load", () => {
				if (request.status < 300) {
					// The answer is a page part of this server.
					const holder = document.createElement("ul");
					holder.innerHTML = request.responseText;
					if (holder.firstElementChild) row.replaceWith(...holder.children);
					running--;
					return next();
				}
				const why = request.getResponseHeader("Breakwater-Error");
				end(why ? decodeURIComponent(why) : `Refused (${request.status})`, "failed");
			});
			request.addEventListener("error", () => end("The connection broke. Nothing of this file was kept; add it again.", "failed"));
			request.addEventListener("abort", () => end("Cancelled", "cancelled"));
			stop.addEventListener("click", () => request.abort());
			request.send(body);
		});
		stop.addEventListener("click", () => {
			if (row.dataset.state || bar.value > 0) return;
			ended = true;
			says.textContent = "Cancelled";
			row.dataset.state = "cancelled";
			bar.remove();
			stop.remove();
		});
	};

	const take = (files: FileList | null | undefined) => {
		for (const f of files ?? []) send(f);
		input.value = "";
		next();
	};

	input.addEventListener("change", () => take(input.files));
	form.addEventListener("submit", (e) => e.preventDefault());
	form.addEventListener("dragover", (e) => {
		e.preventDefault();
		form.classList.add("over");
	});
	form.addEventListener("dragleave", (e) => {
		if (!form.contains(e.relatedTarget as Node | null)) form.classList.remove("over");
	});
	form.addEventListener("drop", (e) => {
		e.preventDefault();
		form.classList.remove("over");
		take(e.dataTransfer?.files);
	});
}
