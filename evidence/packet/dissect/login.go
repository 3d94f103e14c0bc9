// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

// loginDefault is a user and password that a vendor ships and publishes.
type loginDefault struct{ user, password string }

// loginDefaults are the pairs that installation manuals and the vendors' own security notices give as factory settings.
// The list is short on purpose: it serves to notice a door that was never locked, not to try doors.
var loginDefaults = []loginDefault{
	{"admin", "admin"},       // network equipment, serial servers, video recorders, access control panels
	{"admin", ""},            // home and small office equipment, early network cameras
	{"admin", "password"},    // small office routers and switches
	{"admin", "1234"},        // small office routers, printers, energy meters
	{"admin", "12345"},       // network cameras and recorders before first-use activation became usual
	{"admin", "123456"},      // network cameras and recorders
	{"admin", "9999"},        // network cameras
	{"admin", "4321"},        // network cameras
	{"admin", "1111"},        // access control panels
	{"admin", "default"},     // industrial switches, remote terminal units
	{"admin", "private"},     // industrial switches
	{"admin", "system"},      // video encoders
	{"admin", "changeme"},    // servers, building gateways
	{"admin", "wago"},        // controllers with a web page
	{"admin", "moxa"},        // serial device servers
	{"user", "user"},         // operator accounts of panels and controllers
	{"user", "public"},       // industrial switches
	{"root", "root"},         // embedded Linux images
	{"root", "pass"},         // network cameras
	{"root", "admin"},        // network cameras, servers' management controllers
	{"root", "calvin"},       // servers' management controllers
	{"root", "12345"},        // embedded recorders
	{"root", "wago"},         // controllers with a web page
	{"root", ""},             // embedded Linux images
	{"guest", "guest"},       // viewing accounts
	{"operator", "operator"}, // operator accounts
	{"service", "service"},   // service accounts of cameras and panels
	{"ADMIN", "ADMIN"},       // servers' management controllers
	{"USER", "USER"},         // controllers' file transfer
	{"USERID", "PASSW0RD"},   // servers' management controllers
	{"apc", "apc"},           // power supplies and their management cards
	{"888888", "888888"},     // video recorders
	{"666666", "666666"},     // video recorders
	{"ubnt", "ubnt"},         // wireless bridges
	{"cisco", "cisco"},       // network equipment
	{"tech", "tech"},         // service accounts
	{"supervisor", "supervisor"},
	{"Administrator", ""}, // embedded Windows devices
}

// loginIsDefault says whether a pair is one of them. Neither is kept.
func loginIsDefault(user, password []byte) bool {
	for _, d := range loginDefaults {
		if string(user) == d.user && string(password) == d.password {
			return true
		}
	}
	return false
}

// loginUser holds a user name while the answer is awaited, without allocating.
type loginUser struct {
	b [64]byte
	n uint8
}

func (u *loginUser) set(name []byte) { u.n = uint8(copy(u.b[:], name)) }

func (u *loginUser) name() []byte { return u.b[:u.n] }
