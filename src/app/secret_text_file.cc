#include "app/secret_text_file.h"

#include <fmt/format.h>

#include <set>

#include "app/output.h"
#include "base/clock.h"
#include "io/secret_file.h"
#include "json/events.h"
#include "json/host/re2_regex.h"

namespace weir::app {
namespace {

bool is_sops_document(const secrets::TextDocument& document) {
  return !document.roots().empty() && secrets::is_sealed(document.roots().front());
}

}  // namespace

ExitCode tell_unopened(const Error& error) {
  print_error(error.message);
  return error.code == Code::kCorrupt ? ExitCode::kSealed : exit_code_of(error.code);
}

Result<std::unique_ptr<OpenedSecretFile>> OpenedSecretFile::open(const std::string& path,
                                                                 const secrets::Keyring& keyring) {
  auto out = std::make_unique<OpenedSecretFile>();
  out->keyring_ = &keyring;
  WEIR_TRY(Secret text, io::read_secret_file(path, kSecretFileMax));
  WEIR_TRY(out->file_, secret_file_of(path, std::move(text)));
  out->whole_ = is_sops_document(*out->file_.document);
  if (out->whole_) {
    auto opened = secrets::open_file(*out->file_.document, keyring.identities, keyring.regex);
    if (!opened) return tl::unexpected<Error>(with_context(path, opened.error()));
    out->opened_ = *std::move(opened);
    return out;
  }
  for (const SecretPart& part : out->file_.parts) {
    if (!part.sealed) continue;
    auto opened = secrets::open_part(*part.value, part.kind, keyring);
    if (!opened) {
      return tl::unexpected<Error>(
          with_context(fmt::format("{}: {}", path, part.place), opened.error()));
    }
    out->parts_.push_back({part, *std::move(opened)});
  }
  if (out->parts_.empty()) return error(Code::kNotFound, "{}: nothing in it is encrypted", path);
  return out;
}

Result<Secret> OpenedSecretFile::plain() const {
  if (whole_) return secrets::decrypted_text(*file_.document, opened_);
  std::vector<secrets::Edit> all;
  for (const Part& each : parts_) {
    auto edits = secrets::unsealing_edits(*file_.document, *each.part.value, *each.opened);
    if (!edits) {
      return tl::unexpected<Error>(
          with_context(fmt::format("{}: {}", file_.path, each.part.place), edits.error()));
    }
    for (secrets::Edit& edit : *edits) all.push_back(std::move(edit));
  }
  return file_.document->edited(std::move(all));
}

Result<Secret> OpenedSecretFile::sealed_again(const Secret& edited) const {
  WEIR_TRY(const SecretFile now, secret_file_of(file_.path, edited));
  const Timestamp time = system_clock().now();
  if (whole_) {
    return secrets::encrypted_text(*now.document, opened_.stanza, opened_.data_key, time,
                                   {opened_.leaves}, secrets::system_entropy());
  }
  std::vector<secrets::Edit> all;
  for (const Part& each : parts_) {
    const auto found =
        std::find_if(now.parts.begin(), now.parts.end(),
                     [&](const SecretPart& part) { return part.place == each.part.place; });
    if (found == now.parts.end()) continue;  // the user took it out
    const std::string place = fmt::format("{}: {}", file_.path, each.part.place);
    if (each.opened->data_key().empty()) {
      return error(Code::kInvalid, "{}: was opened by `sops`; edit it with that program", place);
    }
    secrets::SealOptions options{
        each.opened->stanza(), each.opened->data_key(), time, {each.opened->leaves()}};
    auto edits = found->schema.empty()
                     ? secrets::resealing_edits(*now.document, *found->value, *each.opened,
                                                std::move(options), secrets::system_entropy())
                     : [&]() -> Result<std::vector<secrets::Edit>> {
      json::Arena arena;
      WEIR_TRY(const json::Value root, json::parse_text(found->schema, arena));
      WEIR_TRY(const auto schema, secrets::secret_schema(root, json::re2_regex_factory()));
      return secrets::sealing_edits(*now.document, *found->value, found->kind, *schema,
                                    std::move(options), secrets::system_entropy());
    }();
    if (!edits) return tl::unexpected<Error>(with_context(place, edits.error()));
    for (secrets::Edit& edit : *edits) all.push_back(std::move(edit));
  }
  return now.document->edited(std::move(all));
}

std::string OpenedSecretFile::recipients() const {
  std::set<std::string> texts;
  if (whole_) texts.insert(opened_.stanza.recipients_text());
  for (const Part& each : parts_) texts.insert(each.opened->stanza().recipients_text());
  return fmt::format("{}", fmt::join(texts, "; "));
}

Result<Secret> OpenedSecretFile::rotated(const secrets::SopsStanza& recipients) const {
  const Timestamp time = system_clock().now();
  const auto renewed = [&](secrets::SopsStanza stanza) {
    if (!recipients.groups.empty()) {
      stanza.groups = recipients.groups;
      stanza.shamir_threshold = recipients.shamir_threshold;
    }
    return stanza;
  };
  if (whole_) {
    return secrets::rotated_text(*file_.document, opened_, renewed(opened_.stanza), time,
                                 secrets::system_entropy());
  }
  std::vector<secrets::Edit> all;
  for (const Part& each : parts_) {
    const std::string place = fmt::format("{}: {}", file_.path, each.part.place);
    if (each.opened->data_key().empty()) {
      return error(Code::kInvalid, "{}: was opened by `sops`; rotate it with that program", place);
    }
    auto edits =
        secrets::rotating_edits(*file_.document, *each.part.value, *each.opened,
                                renewed(each.opened->stanza()), time, secrets::system_entropy());
    if (!edits) return tl::unexpected<Error>(with_context(place, edits.error()));
    for (secrets::Edit& edit : *edits) all.push_back(std::move(edit));
  }
  return file_.document->edited(std::move(all));
}

}  // namespace weir::app
