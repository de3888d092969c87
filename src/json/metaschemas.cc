// The meta-schemas of JSON Schema 2019-09 and 2020-12 as published by the JSON Schema organization
// (AFL or BSD), without their comments.
#include "base/check.h"
#include "json/events.h"
#include "json/schema_registry.h"

namespace weir::json {
namespace {

constexpr std::string_view kMetaSchemas[] = {
    // https://json-schema.org/draft/2019-09/schema
    R"({"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2019-09/schema","$vocabulary":{"https://json-schema.org/draft/2019-09/vocab/c)"
    R"(ore":true,"https://json-schema.org/draft/2019-09/vocab/applicator":true,"https://json-)"
    R"(schema.org/draft/2019-09/vocab/validation":true,"https://json-schema.org/draft/2019-09)"
    R"(/vocab/meta-data":true,"https://json-schema.org/draft/2019-09/vocab/format":false,"htt)"
    R"(ps://json-schema.org/draft/2019-09/vocab/content":true},"$recursiveAnchor":true,"title)"
    R"(":"Core and Validation specifications meta-schema","allOf":[{"$ref":"meta/core"},{"$re)"
    R"(f":"meta/applicator"},{"$ref":"meta/validation"},{"$ref":"meta/meta-data"},{"$ref":"me)"
    R"(ta/format"},{"$ref":"meta/content"}],"type":["object","boolean"],"properties":{"defini)"
    R"(tions":{"type":"object","additionalProperties":{"$recursiveRef":"#"},"default":{}},"de)"
    R"(pendencies":{"type":"object","additionalProperties":{"anyOf":[{"$recursiveRef":"#"},{")"
    R"($ref":"meta/validation#/$defs/stringArray"}]}}}})",
    // https://json-schema.org/draft/2019-09/meta/applicator
    R"({"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2019-09/meta/applicator","$vocabulary":{"https://json-schema.org/draft/2019-0)"
    R"(9/vocab/applicator":true},"$recursiveAnchor":true,"title":"Applicator vocabulary meta-)"
    R"(schema","type":["object","boolean"],"properties":{"additionalItems":{"$recursiveRef":")"
    R"(#"},"unevaluatedItems":{"$recursiveRef":"#"},"items":{"anyOf":[{"$recursiveRef":"#"},{)"
    R"("$ref":"#/$defs/schemaArray"}]},"contains":{"$recursiveRef":"#"},"additionalProperties)"
    R"(":{"$recursiveRef":"#"},"unevaluatedProperties":{"$recursiveRef":"#"},"properties":{"t)"
    R"(ype":"object","additionalProperties":{"$recursiveRef":"#"},"default":{}},"patternPrope)"
    R"(rties":{"type":"object","additionalProperties":{"$recursiveRef":"#"},"propertyNames":{)"
    R"("format":"regex"},"default":{}},"dependentSchemas":{"type":"object","additionalPropert)"
    R"(ies":{"$recursiveRef":"#"}},"propertyNames":{"$recursiveRef":"#"},"if":{"$recursiveRef)"
    R"(":"#"},"then":{"$recursiveRef":"#"},"else":{"$recursiveRef":"#"},"allOf":{"$ref":"#/$d)"
    R"(efs/schemaArray"},"anyOf":{"$ref":"#/$defs/schemaArray"},"oneOf":{"$ref":"#/$defs/sche)"
    R"(maArray"},"not":{"$recursiveRef":"#"}},"$defs":{"schemaArray":{"type":"array","minItem)"
    R"(s":1,"items":{"$recursiveRef":"#"}}}})",
    // https://json-schema.org/draft/2019-09/meta/content
    R"({"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2019-09/meta/content","$vocabulary":{"https://json-schema.org/draft/2019-09/v)"
    R"(ocab/content":true},"$recursiveAnchor":true,"title":"Content vocabulary meta-schema",")"
    R"(type":["object","boolean"],"properties":{"contentMediaType":{"type":"string"},"content)"
    R"(Encoding":{"type":"string"},"contentSchema":{"$recursiveRef":"#"}}})",
    // https://json-schema.org/draft/2019-09/meta/core
    R"({"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2019-09/meta/core","$vocabulary":{"https://json-schema.org/draft/2019-09/voca)"
    R"(b/core":true},"$recursiveAnchor":true,"title":"Core vocabulary meta-schema","type":["o)"
    R"(bject","boolean"],"properties":{"$id":{"type":"string","format":"uri-reference","patte)"
    R"(rn":"^[^#]*#?$"},"$schema":{"type":"string","format":"uri"},"$anchor":{"type":"string")"
    R"(,"pattern":"^[A-Za-z][-A-Za-z0-9.:_]*$"},"$ref":{"type":"string","format":"uri-referen)"
    R"(ce"},"$recursiveRef":{"type":"string","format":"uri-reference"},"$recursiveAnchor":{"t)"
    R"(ype":"boolean","default":false},"$vocabulary":{"type":"object","propertyNames":{"type")"
    R"(:"string","format":"uri"},"additionalProperties":{"type":"boolean"}},"$defs":{"type":")"
    R"(object","additionalProperties":{"$recursiveRef":"#"},"default":{}}}})",
    // https://json-schema.org/draft/2019-09/meta/format
    R"({"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2019-09/meta/format","$vocabulary":{"https://json-schema.org/draft/2019-09/vo)"
    R"(cab/format":true},"$recursiveAnchor":true,"title":"Format vocabulary meta-schema","typ)"
    R"(e":["object","boolean"],"properties":{"format":{"type":"string"}}})",
    // https://json-schema.org/draft/2019-09/meta/meta-data
    R"({"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2019-09/meta/meta-data","$vocabulary":{"https://json-schema.org/draft/2019-09)"
    R"(/vocab/meta-data":true},"$recursiveAnchor":true,"title":"Meta-data vocabulary meta-sch)"
    R"(ema","type":["object","boolean"],"properties":{"title":{"type":"string"},"description")"
    R"(:{"type":"string"},"default":true,"deprecated":{"type":"boolean","default":false},"rea)"
    R"(dOnly":{"type":"boolean","default":false},"writeOnly":{"type":"boolean","default":fals)"
    R"(e},"examples":{"type":"array","items":true}}})",
    // https://json-schema.org/draft/2019-09/meta/validation
    R"({"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2019-09/meta/validation","$vocabulary":{"https://json-schema.org/draft/2019-0)"
    R"(9/vocab/validation":true},"$recursiveAnchor":true,"title":"Validation vocabulary meta-)"
    R"(schema","type":["object","boolean"],"properties":{"multipleOf":{"type":"number","exclu)"
    R"(siveMinimum":0},"maximum":{"type":"number"},"exclusiveMaximum":{"type":"number"},"mini)"
    R"(mum":{"type":"number"},"exclusiveMinimum":{"type":"number"},"maxLength":{"$ref":"#/$de)"
    R"(fs/nonNegativeInteger"},"minLength":{"$ref":"#/$defs/nonNegativeIntegerDefault0"},"pat)"
    R"(tern":{"type":"string","format":"regex"},"maxItems":{"$ref":"#/$defs/nonNegativeIntege)"
    R"(r"},"minItems":{"$ref":"#/$defs/nonNegativeIntegerDefault0"},"uniqueItems":{"type":"bo)"
    R"(olean","default":false},"maxContains":{"$ref":"#/$defs/nonNegativeInteger"},"minContai)"
    R"(ns":{"$ref":"#/$defs/nonNegativeInteger","default":1},"maxProperties":{"$ref":"#/$defs)"
    R"(/nonNegativeInteger"},"minProperties":{"$ref":"#/$defs/nonNegativeIntegerDefault0"},"r)"
    R"(equired":{"$ref":"#/$defs/stringArray"},"dependentRequired":{"type":"object","addition)"
    R"(alProperties":{"$ref":"#/$defs/stringArray"}},"const":true,"enum":{"type":"array","ite)"
    R"(ms":true},"type":{"anyOf":[{"$ref":"#/$defs/simpleTypes"},{"type":"array","items":{"$r)"
    R"(ef":"#/$defs/simpleTypes"},"minItems":1,"uniqueItems":true}]}},"$defs":{"nonNegativeIn)"
    R"(teger":{"type":"integer","minimum":0},"nonNegativeIntegerDefault0":{"$ref":"#/$defs/no)"
    R"(nNegativeInteger","default":0},"simpleTypes":{"enum":["array","boolean","integer","nul)"
    R"(l","number","object","string"]},"stringArray":{"type":"array","items":{"type":"string")"
    R"(},"uniqueItems":true,"default":[]}}})",
    // https://json-schema.org/draft/2020-12/schema
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2020-12/schema","$vocabulary":{"https://json-schema.org/draft/2020-12/vocab/c)"
    R"(ore":true,"https://json-schema.org/draft/2020-12/vocab/applicator":true,"https://json-)"
    R"(schema.org/draft/2020-12/vocab/unevaluated":true,"https://json-schema.org/draft/2020-1)"
    R"(2/vocab/validation":true,"https://json-schema.org/draft/2020-12/vocab/meta-data":true,)"
    R"("https://json-schema.org/draft/2020-12/vocab/format-annotation":true,"https://json-sch)"
    R"(ema.org/draft/2020-12/vocab/content":true},"$dynamicAnchor":"meta","title":"Core and V)"
    R"(alidation specifications meta-schema","allOf":[{"$ref":"meta/core"},{"$ref":"meta/appl)"
    R"(icator"},{"$ref":"meta/unevaluated"},{"$ref":"meta/validation"},{"$ref":"meta/meta-dat)"
    R"(a"},{"$ref":"meta/format-annotation"},{"$ref":"meta/content"}],"type":["object","boole)"
    R"(an"],"properties":{"definitions":{"type":"object","additionalProperties":{"$dynamicRef)"
    R"(":"#meta"},"deprecated":true,"default":{}},"dependencies":{"type":"object","additional)"
    R"(Properties":{"anyOf":[{"$dynamicRef":"#meta"},{"$ref":"meta/validation#/$defs/stringAr)"
    R"(ray"}]},"deprecated":true,"default":{}},"$recursiveAnchor":{"$ref":"meta/core#/$defs/a)"
    R"(nchorString","deprecated":true},"$recursiveRef":{"$ref":"meta/core#/$defs/uriReference)"
    R"(String","deprecated":true}}})",
    // https://json-schema.org/draft/2020-12/meta/applicator
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2020-12/meta/applicator","$vocabulary":{"https://json-schema.org/draft/2020-1)"
    R"(2/vocab/applicator":true},"$dynamicAnchor":"meta","title":"Applicator vocabulary meta-)"
    R"(schema","type":["object","boolean"],"properties":{"prefixItems":{"$ref":"#/$defs/schem)"
    R"(aArray"},"items":{"$dynamicRef":"#meta"},"contains":{"$dynamicRef":"#meta"},"additiona)"
    R"(lProperties":{"$dynamicRef":"#meta"},"properties":{"type":"object","additionalProperti)"
    R"(es":{"$dynamicRef":"#meta"},"default":{}},"patternProperties":{"type":"object","additi)"
    R"(onalProperties":{"$dynamicRef":"#meta"},"propertyNames":{"format":"regex"},"default":{)"
    R"(}},"dependentSchemas":{"type":"object","additionalProperties":{"$dynamicRef":"#meta"},)"
    R"("default":{}},"propertyNames":{"$dynamicRef":"#meta"},"if":{"$dynamicRef":"#meta"},"th)"
    R"(en":{"$dynamicRef":"#meta"},"else":{"$dynamicRef":"#meta"},"allOf":{"$ref":"#/$defs/sc)"
    R"(hemaArray"},"anyOf":{"$ref":"#/$defs/schemaArray"},"oneOf":{"$ref":"#/$defs/schemaArra)"
    R"(y"},"not":{"$dynamicRef":"#meta"}},"$defs":{"schemaArray":{"type":"array","minItems":1)"
    R"(,"items":{"$dynamicRef":"#meta"}}}})",
    // https://json-schema.org/draft/2020-12/meta/content
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2020-12/meta/content","$vocabulary":{"https://json-schema.org/draft/2020-12/v)"
    R"(ocab/content":true},"$dynamicAnchor":"meta","title":"Content vocabulary meta-schema",")"
    R"(type":["object","boolean"],"properties":{"contentEncoding":{"type":"string"},"contentM)"
    R"(ediaType":{"type":"string"},"contentSchema":{"$dynamicRef":"#meta"}}})",
    // https://json-schema.org/draft/2020-12/meta/core
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2020-12/meta/core","$vocabulary":{"https://json-schema.org/draft/2020-12/voca)"
    R"(b/core":true},"$dynamicAnchor":"meta","title":"Core vocabulary meta-schema","type":["o)"
    R"(bject","boolean"],"properties":{"$id":{"$ref":"#/$defs/uriReferenceString","pattern":")"
    R"(^[^#]*#?$"},"$schema":{"$ref":"#/$defs/uriString"},"$ref":{"$ref":"#/$defs/uriReferenc)"
    R"(eString"},"$anchor":{"$ref":"#/$defs/anchorString"},"$dynamicRef":{"$ref":"#/$defs/uri)"
    R"(ReferenceString"},"$dynamicAnchor":{"$ref":"#/$defs/anchorString"},"$vocabulary":{"typ)"
    R"(e":"object","propertyNames":{"$ref":"#/$defs/uriString"},"additionalProperties":{"type)"
    R"(":"boolean"}},"$defs":{"type":"object","additionalProperties":{"$dynamicRef":"#meta"}})"
    R"(},"$defs":{"anchorString":{"type":"string","pattern":"^[A-Za-z_][-A-Za-z0-9._]*$"},"ur)"
    R"(iString":{"type":"string","format":"uri"},"uriReferenceString":{"type":"string","forma)"
    R"(t":"uri-reference"}}})",
    // https://json-schema.org/draft/2020-12/meta/format-annotation
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2020-12/meta/format-annotation","$vocabulary":{"https://json-schema.org/draft)"
    R"(/2020-12/vocab/format-annotation":true},"$dynamicAnchor":"meta","title":"Format vocabu)"
    R"(lary meta-schema for annotation results","type":["object","boolean"],"properties":{"fo)"
    R"(rmat":{"type":"string"}}})",
    // https://json-schema.org/draft/2020-12/meta/format-assertion
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2020-12/meta/format-assertion","$vocabulary":{"https://json-schema.org/draft/)"
    R"(2020-12/vocab/format-assertion":true},"$dynamicAnchor":"meta","title":"Format vocabula)"
    R"(ry meta-schema for assertion results","type":["object","boolean"],"properties":{"forma)"
    R"(t":{"type":"string"}}})",
    // https://json-schema.org/draft/2020-12/meta/meta-data
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2020-12/meta/meta-data","$vocabulary":{"https://json-schema.org/draft/2020-12)"
    R"(/vocab/meta-data":true},"$dynamicAnchor":"meta","title":"Meta-data vocabulary meta-sch)"
    R"(ema","type":["object","boolean"],"properties":{"title":{"type":"string"},"description")"
    R"(:{"type":"string"},"default":true,"deprecated":{"type":"boolean","default":false},"rea)"
    R"(dOnly":{"type":"boolean","default":false},"writeOnly":{"type":"boolean","default":fals)"
    R"(e},"examples":{"type":"array","items":true}}})",
    // https://json-schema.org/draft/2020-12/meta/unevaluated
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2020-12/meta/unevaluated","$vocabulary":{"https://json-schema.org/draft/2020-)"
    R"(12/vocab/unevaluated":true},"$dynamicAnchor":"meta","title":"Unevaluated applicator vo)"
    R"(cabulary meta-schema","type":["object","boolean"],"properties":{"unevaluatedItems":{"$)"
    R"(dynamicRef":"#meta"},"unevaluatedProperties":{"$dynamicRef":"#meta"}}})",
    // https://json-schema.org/draft/2020-12/meta/validation
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://json-schema.o)"
    R"(rg/draft/2020-12/meta/validation","$vocabulary":{"https://json-schema.org/draft/2020-1)"
    R"(2/vocab/validation":true},"$dynamicAnchor":"meta","title":"Validation vocabulary meta-)"
    R"(schema","type":["object","boolean"],"properties":{"type":{"anyOf":[{"$ref":"#/$defs/si)"
    R"(mpleTypes"},{"type":"array","items":{"$ref":"#/$defs/simpleTypes"},"minItems":1,"uniqu)"
    R"(eItems":true}]},"const":true,"enum":{"type":"array","items":true},"multipleOf":{"type")"
    R"(:"number","exclusiveMinimum":0},"maximum":{"type":"number"},"exclusiveMaximum":{"type")"
    R"(:"number"},"minimum":{"type":"number"},"exclusiveMinimum":{"type":"number"},"maxLength)"
    R"(":{"$ref":"#/$defs/nonNegativeInteger"},"minLength":{"$ref":"#/$defs/nonNegativeIntege)"
    R"(rDefault0"},"pattern":{"type":"string","format":"regex"},"maxItems":{"$ref":"#/$defs/n)"
    R"(onNegativeInteger"},"minItems":{"$ref":"#/$defs/nonNegativeIntegerDefault0"},"uniqueIt)"
    R"(ems":{"type":"boolean","default":false},"maxContains":{"$ref":"#/$defs/nonNegativeInte)"
    R"(ger"},"minContains":{"$ref":"#/$defs/nonNegativeInteger","default":1},"maxProperties":)"
    R"({"$ref":"#/$defs/nonNegativeInteger"},"minProperties":{"$ref":"#/$defs/nonNegativeInte)"
    R"(gerDefault0"},"required":{"$ref":"#/$defs/stringArray"},"dependentRequired":{"type":"o)"
    R"(bject","additionalProperties":{"$ref":"#/$defs/stringArray"}}},"$defs":{"nonNegativeIn)"
    R"(teger":{"type":"integer","minimum":0},"nonNegativeIntegerDefault0":{"$ref":"#/$defs/no)"
    R"(nNegativeInteger","default":0},"simpleTypes":{"enum":["array","boolean","integer","nul)"
    R"(l","number","object","string"]},"stringArray":{"type":"array","items":{"type":"string")"
    R"(},"uniqueItems":true,"default":[]}}})",
};

}  // namespace

const SchemaRegistry& builtin_schemas() {
  static const SchemaRegistry* const registry = [] {
    // Far from the ids of any other registry.
    auto* schemas = new SchemaRegistry(1u << 31);
    for (const std::string_view text : kMetaSchemas) {
      auto tree = parse_tree(text);
      WEIR_CHECK(tree.has_value());
      WEIR_CHECK(schemas->add(tree->root.find("$id")->as_string(), tree->root).has_value());
    }
    return schemas;
  }();
  return *registry;
}

}  // namespace weir::json
