// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package entrance

import (
	"net/http"
	"strings"

	"breakwater/app/access"
	"breakwater/harbour"
	"breakwater/web/shell"
)

// emergency is the door for the day on which the directory, or a second factor, is what is down.
func (p *pages) emergency(r *shell.Request) error {
	return r.Page(shell.Page{Title: "Emergency sign-in", Body: emergencyPage(r, "", "", "", "")})
}

func (p *pages) doEmergency(r *shell.Request) error {
	login, reason := strings.TrimSpace(r.PostFormValue("login")), strings.TrimSpace(r.PostFormValue("reason"))
	in, err := p.use.SignInBreakGlass(r.Context(), login, r.PostFormValue("password"), reason, From(r))
	if err != nil {
		m, h, status, err := wrong(err)
		if err != nil {
			return err
		}
		return r.Page(shell.Page{Title: "Emergency sign-in", Status: status, Body: emergencyPage(r, login, reason, m, h)})
	}
	return p.enter(r, in, "/")
}

// invitation is where somebody who was invited chooses a password.
func (p *pages) invitation(r *shell.Request) error {
	return r.Page(shell.Page{Title: "Accept an invitation", Body: invitationPage(r, r.URL.Query().Get("code"), "", "")})
}

func (p *pages) doInvitation(r *shell.Request) error {
	code, fresh := strings.TrimSpace(r.PostFormValue("code")), r.PostFormValue("fresh")
	var in *access.SignedIn
	err := error(&harbour.Error{Kind: harbour.ErrInvalid, Op: "accept invitation", Message: "the two passwords differ", Hint: "type the new password twice"})
	if fresh == r.PostFormValue("again") {
		in, err = p.use.AcceptInvitation(r.Context(), code, fresh, From(r))
	}
	if err != nil {
		m, h, status, err := wrong(err)
		if err != nil {
			return err
		}
		return r.Page(shell.Page{Title: "Accept an invitation", Status: status, Body: invitationPage(r, code, m, h)})
	}
	return p.enter(r, in, "/")
}

// demo lets those look around who stand before the machine that shows the reference port.
func (p *pages) demo(r *shell.Request) error {
	in, err := p.use.SignInDemo(r.Context(), r.PostFormValue("login"), From(r))
	if err != nil {
		return err
	}
	return p.enter(r, in, "/")
}

// guest is somebody whom the demonstration lets in without a password.
type guest struct{ Login, Name, Role string }

// guests lists them; none where nothing is demonstrated.
func (p *pages) guests(r *shell.Request) (list []guest, err error) {
	people, err := p.use.DemoPeople(r.Context(), From(r))
	for _, x := range people {
		list = append(list, guest{Login: x.Login, Name: x.Name, Role: x.Role.Name})
	}
	return list, err
}

// directory sends somebody to the directory to sign in there, or, who is signed in, to prove presence.
func (p *pages) directory(r *shell.Request) error {
	leave, err := p.use.BeginDirectory(r.Context(), r.By, From(r))
	if err != nil {
		return err
	}
	r.Keep(journey, leave.Cookie, access.JourneyFor)
	http.Redirect(r.W, r.Request, leave.URL, http.StatusSeeOther)
	return nil
}

// directoryReturn takes somebody up who comes back from the directory.
func (p *pages) directoryReturn(r *shell.Request) error {
	q := r.URL.Query()
	b := access.Return{State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error"), Cookie: r.Kept(journey)}
	r.Keep(journey, "", 0)
	in, err := p.use.FinishDirectory(r.Context(), r.By, b, From(r))
	if err != nil {
		m, h, status, err := wrong(err)
		if err != nil {
			return err
		}
		return p.showSignIn(r, signForm{To: "/", Wrong: m, Hint: h}, status)
	}
	if in == nil || in.Proved {
		if in != nil {
			r.SignIn(in.Cookie, harbour.At(in.Until))
		}
		return r.Done("/account", shell.OK("The directory has confirmed that it is you."))
	}
	return p.enter(r, in, "/")
}
