// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/harbour"
	"breakwater/view"
)

// page is a document that needs no sign-in: it says the same of every installation.
type page struct {
	kind string
	body []byte
}

// pagePolicy lets the pages load their own style sheet and nothing else.
const pagePolicy = "default-src 'none'; object-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed reference.css
var referenceStyle string

// reference makes the pages that describe the API: once, as they never change while the program runs.
func (s *server) reference() (map[string]page, error) {
	var b bytes.Buffer
	if err := referencePage(modelOf(s.huma.OpenAPI())).Render(context.Background(), &b); err != nil {
		return nil, err
	}
	return map[string]page{
		Prefix + "openapi.json":  {"application/vnd.oai.openapi+json;version=3.1", s.spec},
		Prefix + "reference":     {"text/html; charset=utf-8", b.Bytes()},
		Prefix + "reference.css": {"text/css; charset=utf-8", []byte(view.Tokens + referenceStyle)},
	}, nil
}

// The reference as the page shows it.
type (
	referenceModel struct {
		About    string
		Groups   []groupModel
		Things   []thingModel
		Problems []problemModel
	}
	groupModel struct {
		Name, Anchor, About string
		Operations          []operationModel
	}
	operationModel struct {
		ID, Method, Path, Summary, Description string
		Parameters                             []fieldModel
		Bodies, Answers                        []contentModel
	}
	contentModel struct {
		Status, Type string
		Of           formModel
		Fields       []fieldModel // of an object without a name
	}
	fieldModel struct {
		Name, In, About string
		Required        bool
		Of              formModel
	}
	formModel struct{ Text, Link string }

	thingModel struct {
		Name   string
		Fields []fieldModel
	}
	problemModel struct {
		Kind, Title string
		Status      int
	}
)

func modelOf(o *huma.OpenAPI) referenceModel {
	m := referenceModel{About: o.Info.Description}
	for _, t := range o.Tags {
		m.Groups = append(m.Groups, groupModel{Name: t.Name, Anchor: "tag-" + strings.ToLower(t.Name), About: t.Description})
	}
	for _, path := range slices.Sorted(maps.Keys(o.Paths)) {
		item := o.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			i := slices.IndexFunc(m.Groups, func(g groupModel) bool { return slices.Contains(op.Tags, g.Name) })
			if i >= 0 {
				m.Groups[i].Operations = append(m.Groups[i].Operations, operationOf(o, op, path))
			}
		}
	}
	schemas := o.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		m.Things = append(m.Things, thingModel{name, fieldsOf(schemas[name])})
	}
	for kind := harbour.ErrorKind(0); kind.String() != ""; kind++ {
		m.Problems = append(m.Problems, problemModel{kind.String(), titles[kind], kind.HTTPStatus()})
	}
	return m
}

func operationOf(o *huma.OpenAPI, op *huma.Operation, path string) operationModel {
	v := operationModel{ID: op.OperationID, Method: op.Method, Path: path, Summary: op.Summary, Description: op.Description}
	for _, p := range op.Parameters {
		v.Parameters = append(v.Parameters, fieldModel{Name: p.Name, In: p.In, About: p.Description, Required: p.Required, Of: formOf(p.Schema)})
	}
	if op.RequestBody != nil {
		v.Bodies = contentsOf(o, "", op.RequestBody.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		word := status
		if status == "default" {
			word = "otherwise"
		} else if n, err := strconv.Atoi(status); err == nil {
			word = status + " " + http.StatusText(n)
		}
		list := contentsOf(o, word, r.Content)
		if len(list) == 0 {
			list = []contentModel{{Status: word}}
		}
		v.Answers = append(v.Answers, list...)
	}
	return v
}

func contentsOf(o *huma.OpenAPI, status string, content map[string]*huma.MediaType) (list []contentModel) {
	for _, kind := range slices.Sorted(maps.Keys(content)) {
		c := contentModel{Status: status, Type: kind, Of: formOf(content[kind].Schema)}
		// What is sent is shown where it is sent, so that nobody has to look it up.
		if s := content[kind].Schema; status == "" && s != nil {
			if named := o.Components.Schemas.SchemaFromRef(s.Ref); named != nil {
				s = named
			}
			c.Fields = fieldsOf(s)
		}
		list = append(list, c)
	}
	return list
}

func fieldsOf(s *huma.Schema) (list []fieldModel) {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		list = append(list, fieldModel{Name: name, About: p.Description, Required: slices.Contains(s.Required, name), Of: formOf(p)})
	}
	return list
}

// formOf says in words what values a schema allows.
func formOf(s *huma.Schema) (f formModel) {
	if s == nil {
		return f
	}
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return formModel{name, "thing-" + name}
	}
	var words []string
	switch s.Type {
	case huma.TypeArray:
		of := formOf(s.Items)
		f.Link = of.Link
		words = append(words, "list of "+of.Text)
	case huma.TypeObject:
		words = append(words, "object")
		if v, ok := s.AdditionalProperties.(*huma.Schema); ok {
			words[0] = "object of " + formOf(v).Text + " by name"
		}
	case "":
		words = append(words, "anything")
	default:
		words = append(words, s.Type)
	}
	if s.Format != "" && s.Type == huma.TypeString {
		words[0] += " (" + s.Format + ")"
	}
	if len(s.Enum) > 0 {
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		words = append(words, "one of: "+strings.Join(values, ", "))
	}
	if s.Minimum != nil && s.Maximum != nil {
		words = append(words, fmt.Sprintf("%g to %g", *s.Minimum, *s.Maximum))
	}
	if s.Default != nil {
		words = append(words, fmt.Sprintf("default %v", s.Default))
	}
	if s.MaxLength != nil {
		words = append(words, fmt.Sprintf("at most %d characters", *s.MaxLength))
	}
	if s.MaxItems != nil {
		words = append(words, fmt.Sprintf("at most %d", *s.MaxItems))
	}
	if s.Nullable {
		words = append(words, "or null")
	}
	f.Text = strings.Join(words, ", ")
	return f
}
