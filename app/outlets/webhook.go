// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"breakwater/harbour"
	"breakwater/store"
)

// webhooks sends events by HTTP POST, signed in the way of Standard Webhooks: the header webhook-signature holds "v1,"
// and the base64 of HMAC-SHA256 over id, full stop, seconds, full stop, body.
type webhooks struct{ u *Outlets }

func (*webhooks) batch() int { return 20 }

func (*webhooks) check(s *Settings) error {
	s.Target = strings.TrimSpace(s.Target)
	v, err := url.Parse(s.Target)
	if err != nil || len(s.Target) > 2000 || !printable(s.Target) || v.Host == "" || v.Hostname() == "" || v.Scheme != "https" && v.Scheme != "http" || v.Opaque != "" || v.Port() != "" && !isPort(v.Port()) {
		return harbour.In("target", invalid("the address of the webhook is not one", "write it as https://host/path"))
	}
	if v.User != nil || v.Fragment != "" {
		return harbour.In("target", invalid("the address of the webhook holds a password or a fragment", "the signature proves who sends; put nothing secret there"))
	}
	return nil
}

// sign makes the signature of an event.
func sign(secret []byte, id string, seconds int64, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(secret), "whsec_"))
	if err != nil || len(key) == 0 {
		return "", errNoKey
	}
	m := hmac.New(sha256.New, key)
	io.WriteString(m, id+"."+strconv.FormatInt(seconds, 10)+".")
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil)), nil
}

var errNoKey = &harbour.Error{Kind: harbour.ErrInternal, Op: "send", Message: "the outlet has no secret", Hint: "renew it"}

const (
	webhookFor  = 10 * time.Second
	maxAnswer   = 16 << 10
	contentType = "application/json"
)

func (w *webhooks) send(ctx context.Context, to *target, list []store.Delivery) (sent int, err error) {
	address, err := url.Parse(to.settings.Target)
	if err != nil {
		return 0, &failure{why: "the address of the webhook is not one"}
	}
	t := &http.Transport{
		DialContext: to.guard.dial(address.Scheme == "http"), TLSClientConfig: to.guard.tls("", nil), TLSHandshakeTimeout: 5 * time.Second,
		ResponseHeaderTimeout: webhookFor, MaxResponseHeaderBytes: maxAnswer, ForceAttemptHTTP2: true, DisableCompression: true,
	}
	defer t.CloseIdleConnections()
	c := http.Client{Transport: t, Timeout: webhookFor, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for i := range list {
		if err := w.post(ctx, &c, to, &list[i]); err != nil {
			return i, err
		}
	}
	return len(list), nil
}

func (w *webhooks) post(ctx context.Context, c *http.Client, to *target, d *store.Delivery) error {
	seconds := w.u.core.Clock().Unix()
	signature, err := sign(to.secret, d.ID, seconds, d.Body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.settings.Target, bytes.NewReader(d.Body))
	if err != nil {
		return &failure{why: "the address of the webhook is not one"}
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("User-Agent", "Breakwater/"+w.u.core.Version)
	r.Header.Set("Webhook-Id", d.ID)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(seconds, 10))
	r.Header.Set("Webhook-Signature", signature)
	a, err := c.Do(r)
	if err != nil {
		return reached(err)
	}
	defer a.Body.Close()
	// Read what little there is, so that the connection can be used again.
	_, _ = io.CopyN(io.Discard, a.Body, maxAnswer)
	return answered(a)
}

// answered judges the status of an answer.
func answered(a *http.Response) error {
	if a.StatusCode >= 200 && a.StatusCode < 300 {
		return nil
	}
	f := &failure{why: "the receiver answered with status " + strconv.Itoa(a.StatusCode)}
	switch {
	case a.StatusCode >= 300 && a.StatusCode < 400:
		f.why += ", and redirects are not followed"
	case a.StatusCode == http.StatusGone:
		f.gone = true
	case a.StatusCode == http.StatusBadRequest || a.StatusCode == http.StatusRequestEntityTooLarge || a.StatusCode == http.StatusUnprocessableEntity:
		f.refused = true
	case a.StatusCode == http.StatusTooManyRequests || a.StatusCode == http.StatusServiceUnavailable:
		if n, err := strconv.Atoi(a.Header.Get("Retry-After")); err == nil && n > 0 {
			f.after = min(time.Duration(min(n, int(maxRetryAfter/time.Second)))*time.Second, maxRetryAfter)
		}
	}
	return f
}
