// Passkeys: asks the server for options, the browser for a credential, and gives the server the answer. The form names
// both addresses: data-options and action; data-passkey is "create" or "get".
const bytes = (s: string) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (b: ArrayBuffer | null) => (b ? btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") : undefined);

type JSONObject = Record<string, unknown>;
type Descriptor = { id: string; type: "public-key"; transports?: AuthenticatorTransport[] };
const descriptors = (list: unknown) => ((list as Descriptor[] | undefined) ?? []).map((d) => ({ ...d, id: bytes(d.id) }));

function creation(o: JSONObject): PublicKeyCredentialCreationOptions {
	const user = o.user as { id: string; name: string; displayName: string };
	return { ...(o as unknown as PublicKeyCredentialCreationOptions), challenge: bytes(o.challenge as string), user: { ...user, id: bytes(user.id) }, excludeCredentials: descriptors(o.excludeCredentials) };
}

function request(o: JSONObject): PublicKeyCredentialRequestOptions {
	return { ...(o as unknown as PublicKeyCredentialRequestOptions), challenge: bytes(o.challenge as string), allowCredentials: descriptors(o.allowCredentials) };
}

function plain(c: PublicKeyCredential): JSONObject {
	const r = c.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
	return {
		id: c.id,
		rawId: text(c.rawId),
		type: c.type,
		authenticatorAttachment: c.authenticatorAttachment ?? undefined,
		clientExtensionResults: c.getClientExtensionResults(),
		response: {
			clientDataJSON: text(r.clientDataJSON),
			attestationObject: r.attestationObject && text(r.attestationObject),
			transports: r.getTransports?.(),
			authenticatorData: r.authenticatorData && text(r.authenticatorData),
			signature: r.signature && text(r.signature),
			userHandle: r.userHandle && text(r.userHandle),
		},
	};
}

async function post(url: string, body: BodyInit, type?: string): Promise<JSONObject> {
	const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json", ...(type ? { "Content-Type": type } : {}) } });
	const data = (await answer.json().catch(() => ({}))) as JSONObject;
	if (!answer.ok) throw new Error(String(data.detail ?? data.message ?? `The server refused (${answer.status}).`));
	return data;
}

export function mount(form: HTMLElement) {
	if (!(form instanceof HTMLFormElement)) return;
	const says = form.querySelector<HTMLElement>("[data-says]");
	const say = (s: string) => says && (says.textContent = s);
	if (!window.PublicKeyCredential) {
		say("This browser has no passkeys.");
		return;
	}
	for (const b of form.querySelectorAll<HTMLButtonElement>("button[disabled]")) b.disabled = false;
	form.addEventListener("submit", async (e) => {
		e.preventDefault();
		say("Waiting for your passkey …");
		const fields = new FormData(form);
		try {
			const asked = await post(form.dataset.options!, new URLSearchParams(fields as unknown as Record<string, string>));
			const options = (asked.publicKey ?? asked) as JSONObject;
			const made = form.dataset.passkey === "create" ? await navigator.credentials.create({ publicKey: creation(options) }) : await navigator.credentials.get({ publicKey: request(options) });
			if (!(made instanceof PublicKeyCredential)) throw new Error("The browser gave no passkey.");
			const url = new URL(form.action);
			for (const [k, v] of fields) if (typeof v === "string") url.searchParams.set(k, v);
			const done = await post(url.href, JSON.stringify(plain(made)), "application/json");
			if (form.closest("#dialogs")) document.dispatchEvent(new CustomEvent("presence-proved"));
			else location.assign(String(done.location ?? "/"));
		} catch (err) {
			const name = (err as Error).name;
			say(name === "NotAllowedError" ? "Cancelled, or no passkey of this site was found." : name === "InvalidStateError" ? "This passkey is registered already." : (err as Error).message);
		}
	});
}
