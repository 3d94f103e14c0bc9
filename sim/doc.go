// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package sim writes the reference port Skerry: the port file, the inventory spreadsheets and the captures of a
// fictional port with a container terminal, a tank terminal, a ro-ro terminal, vessel traffic service, shore power and
// offices, for first looks, tests and measurements. [Write] does everything.
//
// The port is planned first: zones, hosts, and every conversation that they will have. Conduits and inventory follow
// from the plan, so that a port with nothing planted is wholly in order. Then two hours of traffic are played by a
// discrete event simulation that holds only what is in flight, and every frame goes to the mirror of its VLAN. What is
// planted is wrong on purpose; beside each kind stand decoys that look alike and are right. The list of both is
// written beside the evidence folder, never inside.
//
// The same seed, scale and kinds give the same bytes. A call to Write shares nothing with others, so several may run
// at once. A failed or cancelled call leaves no folder.
package sim
