// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package cip names the numbers of the Common Industrial Protocol: vendors, device types, classes of objects and general
// status codes.
//
// The numbers are assigned by ODVA. The names are those of the tables in the EtherNet/IP parser of the Industrial Control
// Systems Network Protocol Parsers (https://github.com/cisagov/icsnpp-enip, file scripts/consts.zeek of commit
// 0c610cdbfca6, read on 2026-11-24), copyright 2020 Battelle Energy Alliance, LLC, BSD 3-clause licence, with slips of the
// pen in a few names put right. They are kept in cip.txt; internal/tools/cipgen makes the tables from it.
//
// A number that is not assigned has no name: the functions return "". They do not allocate and are safe for concurrent use.
package cip

//go:generate go run breakwater/internal/tools/cipgen -o table_gen.go cip.txt
