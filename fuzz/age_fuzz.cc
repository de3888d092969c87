// Age files of anybody, opened with a key that the seeds are for and a passphrase of little work.
// In pieces they must come to the same end as at once.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "secrets/age.h"

namespace {

using weir::Secret;
using weir::Status;

const weir::secrets::Identity& identity() {
  static const auto key = weir::secrets::Identity::parse(
      "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0");
  return *key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(bytes), size);
  static const Secret passphrase{std::string("password")};
  const weir::secrets::Openers openers{
      .identities = {&identity(), 1}, .passphrase = &passphrase, .scrypt_log_max = 4};
  const auto plain = weir::secrets::age_decrypt(file, openers);
  std::string pieces;
  weir::secrets::AgeReader reader(openers, [&pieces](std::string_view more) -> Status {
    pieces += more;
    return {};
  });
  bool good = true;
  for (std::size_t at = 0; good && at < file.size(); at += 17) {
    good = reader.write(file.substr(at, 17)).has_value();
  }
  good = good && reader.finish().has_value();
  WEIR_CHECK(good == plain.has_value());
  if (plain) WEIR_CHECK(pieces == plain->reveal());
  return 0;
}
