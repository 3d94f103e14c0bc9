// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package zonemap draws zones and the conduits between them by Purdue level: bands from level 5 at the top to level 0
// at the bottom, zones as boxes, conduits as lines that run beside the boxes and never across one.
//
// [Layout] computes where everything goes, [LayoutRows] with rows and boxes of other sizes; both in whole drawing units
// and without chance, so that the same zones give the same drawing on every machine. [SVG] writes it: it needs no
// script, takes its colours from the page's tokens, and tells every state by dash pattern as well as by colour.
//
// All are pure and safe for concurrent use. More than [MaxZones] zones or [MaxLinks] conduits are not drawn, because
// nobody could read them; [Drawing.ZonesLeft] and [Drawing.LinksLeft] say how many were left out, and the tables
// beside the drawing hold them all.
package zonemap
