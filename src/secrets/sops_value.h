// The values of SOPS documents: their types, the text that is encrypted and hashed for each, and
// the envelope that stands in the document instead of an encrypted one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"
#include "secrets/crypto.h"

namespace weir::secrets {

enum class SopsType { kString, kInteger, kFloat, kBool, kTime, kBytes, kComment };
std::string_view label_of(SopsType type);  // "str", "int", …
std::optional<SopsType> sops_type_of(std::string_view label);

// A clear value as SOPS sees it: the text is what is hashed and encrypted.
struct Typed {
  SopsType type = SopsType::kString;
  Secret text;
};

// How integers are hashed that a double cannot hold. Writers before SOPS 3.13.2 round them.
enum class BigIntegers { kExact, kRounded };

// The decimal of a double: shortest that reads back, never with an exponent, no trailing ".0".
std::string plain_decimal(double value);

// Of JSON: numbers are floats, whatever they look like. nullopt for null and containers.
std::optional<Typed> typed_json(const json::Value& value, BigIntegers big);
// Of a plain scalar in YAML, by the rules of the Go library that SOPS reads with: integers in any
// base, floats, dates; nullopt for null.
std::optional<Typed> typed_yaml_scalar(std::string_view text, BigIntegers big);

// A JSON number that a double does not hold, so that readers differ about it in the clear.
bool is_contested(const json::Value& number);

struct Envelope {
  std::string data, iv, tag;  // bytes
  SopsType type = SopsType::kString;
};
inline constexpr std::string_view kEnvelopeStart = "ENC[AES256_GCM,";
bool looks_sealed(std::string_view text);
// kCorrupt: not of the form ENC[AES256_GCM,data:…,iv:…,tag:…,type:…].
Result<Envelope> parse_envelope(std::string_view text);
std::string envelope_text(const Envelope& envelope);

// `path` is associated data. kSealed: the key does not fit, or value or path was changed.
Result<Secret> open_envelope(const Envelope& envelope, const Secret& key, std::string_view path);
Result<std::string> seal_value(const Typed& value, const Secret& key, std::string_view path,
                               const Entropy& entropy);

// The value as a JSON literal: texts quoted, True as true. kCorrupt: a text that is not of its
// type.
Result<Secret> json_literal(SopsType type, const Secret& text);

}  // namespace weir::secrets
