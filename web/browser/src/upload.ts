// Files and folders one by one, each with its own progress, at most two at a time, to be stopped and tried again. The form
// sends all files at once without script.
const atOnce = 2;

// A dropped folder is walked no deeper and no wider than this; what is left out is said.
const mostFiles = 5000;

const size = (n: number) => {
	const units = ["B", "kB", "MB", "GB", "TB"];
	let i = 0;
	for (; n >= 1000 && i < units.length - 1; i++) n /= 1000;
	return `${i === 0 ? n : n.toPrecision(3)} ${units[i]}`;
};

type Named = { file: File; name: string };

// walk gives the files of what was dropped, folders opened, in the order of their names.
async function walk(entries: FileSystemEntry[], out: Named[]): Promise<void> {
	for (const e of entries) {
		if (out.length > mostFiles) return;
		if (e.isFile) {
			const file = await new Promise<File>((done, failed) => (e as FileSystemFileEntry).file(done, failed));
			out.push({ file, name: e.fullPath.replace(/^\//, "") });
		} else if (e.isDirectory) {
			const reader = (e as FileSystemDirectoryEntry).createReader();
			const all: FileSystemEntry[] = [];
			for (;;) {
				// A reader gives at most a hundred at a time, and none at the end.
				const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
				if (some.length === 0) break;
				all.push(...some);
			}
			all.sort((a, b) => (a.name < b.name ? -1 : 1));
			await walk(all, out);
		}
	}
}

export function mount(form: HTMLElement) {
	if (!(form instanceof HTMLFormElement)) return;
	const input = form.querySelector<HTMLInputElement>("input[type=file][name]");
	const folder = form.querySelector<HTMLInputElement>("input[webkitdirectory]");
	const out = form.querySelector<HTMLElement>("[data-files]");
	const model = form.querySelector<HTMLTemplateElement>("template");
	if (!input || !out || !model) return;
	const limit = Number(form.dataset.limit ?? 0);
	const waiting: (() => void)[] = [];
	let running = 0;

	const next = () => {
		while (running < atOnce && waiting.length > 0) {
			running++;
			waiting.shift()!();
		}
	};

	const say = (name: string, text: string) => {
		const row = document.createElement("li");
		row.className = "row file";
		row.dataset.state = "failed";
		const b = document.createElement("b");
		b.className = "break";
		b.textContent = name;
		const says = document.createElement("span");
		says.className = "dim";
		says.textContent = text;
		row.append(b, says);
		out.append(row);
	};

	const send = ({ file, name }: Named) => {
		if (limit > 0 && file.size > limit) return say(name, `Larger than the ${size(limit)} that a file may have`);
		// The site is the one that was chosen when the file was given.
		const fields = new FormData(form);
		fields.delete(input.name);
		let row: HTMLElement | undefined;

		const start = () => {
			const fresh = model.content.firstElementChild!.cloneNode(true) as HTMLElement;
			const bar = fresh.querySelector("progress")!;
			const says = fresh.querySelector<HTMLElement>("[data-says]")!;
			const stop = fresh.querySelector<HTMLButtonElement>("[data-stop]")!;
			const again = fresh.querySelector<HTMLButtonElement>("[data-again]")!;
			fresh.querySelector("[data-name]")!.textContent = name;
			bar.setAttribute("aria-label", name);
			says.textContent = `${size(file.size)}, waiting`;
			stop.setAttribute("aria-label", `Cancel ${name}`);
			again.setAttribute("aria-label", `Try again: ${name}`);
			if (row) row.replaceWith(fresh);
			else out.append(fresh);
			row = fresh;

			const request = new XMLHttpRequest();
			let sent = false;
			const end = (text: string, state: string) => {
				const focused = document.activeElement === stop;
				says.textContent = text;
				fresh.dataset.state = state;
				bar.remove();
				stop.remove();
				again.hidden = false;
				if (focused) again.focus();
				if (sent) running--;
				next();
			};
			const go = () => {
				sent = true;
				const body = new FormData();
				for (const [k, v] of fields) body.append(k, v);
				body.append(input.name, file, file.name);
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
						if (holder.firstElementChild) fresh.replaceWith(...holder.children);
						running--;
						return next();
					}
					const why = request.getResponseHeader("Breakwater-Error");
					end(why ? decodeURIComponent(why) : `Refused (${request.status})`, "failed");
				});
				request.addEventListener("error", () => end("The connection broke, or the file can no longer be read. Nothing of it was kept.", "failed"));
				request.addEventListener("abort", () => end("Cancelled", "cancelled"));
				request.send(body);
			};
			stop.addEventListener("click", () => {
				if (sent) return request.abort();
				const at = waiting.indexOf(go);
				if (at >= 0) waiting.splice(at, 1);
				end("Cancelled", "cancelled");
			});
			again.addEventListener("click", () => {
				start();
				next();
				row!.querySelector<HTMLElement>("[data-stop]")?.focus();
			});
			waiting.push(go);
		};
		start();
	};

	const take = (files: Named[]) => {
		for (const f of files.slice(0, mostFiles)) send(f);
		if (files.length > mostFiles) say("More files", `Only the first ${mostFiles} were taken; add the others by themselves.`);
		next();
	};

	const chosen = (from: HTMLInputElement) => {
		const files = [...(from.files ?? [])].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
		from.value = "";
		take(files);
	};

	input.addEventListener("change", () => chosen(input));
	folder?.addEventListener("change", () => chosen(folder));
	form.addEventListener("submit", (e) => e.preventDefault());
	form.addEventListener("dragover", (e) => {
		e.preventDefault();
		form.classList.add("over");
	});
	form.addEventListener("dragleave", (e) => {
		if (!form.contains(e.relatedTarget as Node | null)) form.classList.remove("over");
	});
	form.addEventListener("drop", async (e) => {
		e.preventDefault();
		form.classList.remove("over");
		// The entries have to be asked for before anything waits.
		const entries = [...(e.dataTransfer?.items ?? [])].map((i) => i.webkitGetAsEntry()).filter((x) => x !== null);
		const files = [...(e.dataTransfer?.files ?? [])].map((file) => ({ file, name: file.name }));
		if (!entries.some((x) => x.isDirectory)) return take(files);
		const found: Named[] = [];
		try {
			await walk(entries, found);
		} catch {
			say(entries[0]!.name, "The browser could not read all of what was dropped.");
		}
		if (found.length === 0) return say(entries[0]!.name, "No file in it.");
		take(found);
	});
	// What was chosen while this was loading.
	if (input.files?.length) chosen(input);
}
