// Shamir's secret sharing over GF(2^8), as SOPS splits a data key among key groups: a share is one
// byte of each polynomial and then its x.
#pragma once

#include <span>
#include <vector>

#include "secrets/crypto.h"

namespace weir::secrets {

inline constexpr std::size_t kSharesMax = 255;

// `threshold` of `count` shares give the secret back. kInvalid: bad numbers or an empty secret.
Result<std::vector<Secret>> shamir_split(const Secret& secret, std::size_t count,
                                         std::size_t threshold, const Entropy& entropy);
// kCorrupt: shares of different lengths, or one twice. Too few shares give another secret, which
// nobody can tell from here.
Result<Secret> shamir_combine(std::span<const Secret> shares);

}  // namespace weir::secrets
