#include "app/secret_text_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/keyring.h"
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

bool was_there(const SecretFile& file, const SecretPart& part) {
  return std::any_of(file.parts.begin(), file.parts.end(),
                     [&](const SecretPart& each) { return each.place == part.place; });
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
    if (!opened) {
      return tl::unexpected<Error>(with_context(path, with_advice(opened.error(), keyring)));
    }
    out->opened_ = *std::move(opened);
    return out;
  }
  for (const SecretPart& part : out->file_.parts) {
    if (!part.sealed) continue;
    auto opened = secrets::open_part(*part.value, part.kind, keyring);
    if (!opened) {
      return tl::unexpected<Error>(with_context(fmt::format("{}: {}", path, part.place),
                                                with_advice(opened.error(), keyring)));
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
  const std::vector<const Part*> before = parts_before(now);
  std::vector<secrets::Edit> all;
  for (std::size_t i = 0; i < now.parts.size(); ++i) {
    auto edits = edits_again(now, now.parts[i], before[i]);
    if (!edits) {
      const std::string place = fmt::format("{}: {}", file_.path, now.parts[i].place);
      return tl::unexpected<Error>(with_context(place, edits.error()));
    }
    for (secrets::Edit& edit : *edits) all.push_back(std::move(edit));
  }
  return now.document->edited(std::move(all));
}

// By its name; one of another name is the next of those that are gone.
std::vector<const OpenedSecretFile::Part*> OpenedSecretFile::parts_before(
    const SecretFile& now) const {
  std::vector<const Part*> out;
  std::set<const Part*> taken;
  for (const SecretPart& part : now.parts) {
    const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Part& each) {
      return each.part.place == part.place;
    });
    out.push_back(found == parts_.end() ? nullptr : &*found);
    taken.insert(out.back());
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] != nullptr || was_there(file_, now.parts[i])) continue;
    for (const Part& each : parts_) {
      if (each.part.kind != now.parts[i].kind || !taken.insert(&each).second) continue;
      out[i] = &each;
      break;
    }
  }
  return out;
}

Result<std::vector<secrets::Edit>> OpenedSecretFile::edits_again(const SecretFile& now,
                                                                 const SecretPart& part,
                                                                 const Part* before) const {
  const secrets::Entropy entropy = secrets::system_entropy();
  const bool is_new = before == nullptr;
  if (is_new && (part.sealed || part.schema.empty() || was_there(file_, part))) {
    return std::vector<secrets::Edit>();
  }
  const secrets::OpenedPart& like = is_new ? *parts_.front().opened : *before->opened;
  if (!is_new && like.data_key().empty()) {
    return error(Code::kInvalid, "was opened by `sops`; edit it with that program");
  }
  secrets::SealOptions options{like.stanza(), like.data_key(), system_clock().now()};
  if (!is_new) options.before = {like.leaves()};
  if (part.schema.empty()) {
    return secrets::resealing_edits(*now.document, *part.value, like, std::move(options), entropy);
  }
  json::Arena arena;
  WEIR_TRY(const json::Value root, json::parse_text(part.schema, arena));
  WEIR_TRY(const auto schema, secrets::secret_schema(root, json::re2_regex_factory()));
  if (is_new) {
    const secrets::SecretLocations found = secrets::secret_locations(*schema, *part.value);
    if (found.error == secrets::LocationError::kNone && found.members.empty()) {
      return std::vector<secrets::Edit>();
    }
    options.stanza.mac_only_encrypted = false;
    WEIR_TRY(options.data_key, secrets::random_secret(entropy, secrets::kDataKeyBytes));
    WEIR_RETURN_IF_ERROR(secrets::wrap_data_key(options.stanza, options.data_key, entropy));
  }
  return secrets::sealing_edits(*now.document, *part.value, part.kind, *schema, std::move(options),
                                entropy);
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
