// SOPS documents in YAML (JSON is YAML): reading, opening, and, of what opens or is clear, writing
// it so that it opens to the same again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "json/host/re2_regex.h"
#include "json/host/yaml.h"
#include "secrets/sealed_part.h"
#include "secrets/sops_file.h"

namespace {

using weir::Secret;
using weir::secrets::Format;
using weir::secrets::TextDocument;

weir::Result<std::unique_ptr<TextDocument>> parse(std::string_view text, Format format) {
  return TextDocument::parse("file", Secret(std::string(text)), format,
                             [](std::string_view yaml, weir::json::Arena& arena) {
                               return weir::json::parse_yaml(yaml, arena);
                             });
}

const weir::secrets::Keyring& keyring() {
  static const weir::secrets::Keyring ring = [] {
    weir::secrets::Keyring out;
    out.identities.push_back(*weir::secrets::Identity::parse(
        "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"));
    out.regex = weir::json::re2_syntax_factory();
    return out;
  }();
  return ring;
}

void seal_and_open(const TextDocument& document, Format format) {
  const Secret key{std::string(weir::secrets::kDataKeyBytes, 'k')};
  auto stanza = weir::secrets::stanza_for({{keyring().identities[0].recipient()}});
  const weir::secrets::Entropy entropy = weir::secrets::system_entropy();
  WEIR_CHECK(weir::secrets::wrap_data_key(stanza, key, entropy).has_value());
  const auto sealed = weir::secrets::encrypted_text(document, stanza, key, {}, {}, entropy);
  if (!sealed) return;
  const auto again = parse(sealed->reveal(), format);
  if (!again) return;  // a layout that the edits do not carry; told, never mangled silently
  const auto opened = weir::secrets::open_file(**again, keyring().identities, keyring().regex);
  if (opened) (void)weir::secrets::decrypted_text(**again, *opened);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > 16u << 10) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const Format format : {Format::kYaml, Format::kJson}) {
    const auto document = parse(text, format);
    if (!document) continue;
    const auto opened = weir::secrets::open_file(**document, keyring().identities, keyring().regex);
    if (opened) (void)weir::secrets::decrypted_text(**document, *opened);
    for (const auto kind : {weir::secrets::PartKind::kConfig, weir::secrets::PartKind::kTriggers}) {
      const auto part = weir::secrets::open_part((*document)->roots().front(), kind, keyring());
      if (!part) continue;
      (void)weir::secrets::unsealing_edits(**document, (*document)->roots().front(), **part);
    }
    if (!opened) seal_and_open(**document, format);
  }
  return 0;
}
