#include "secrets/shamir.h"

#include <algorithm>

namespace weir::secrets {
namespace {

using Byte = std::uint8_t;

// Without branches and tables, so that time tells nothing.
Byte multiply(Byte a, Byte b) {
  unsigned product = 0;
  unsigned factor = a;
  for (int i = 0; i < 8; ++i) {
    product ^= (0u - ((b >> i) & 1u)) & factor;
    factor = (factor << 1) ^ ((0u - ((factor >> 7) & 1u)) & 0x11bu);
  }
  return static_cast<Byte>(product);
}

Byte inverse(Byte a) {
  // a to the power of 254.
  Byte result = 1;
  Byte power = a;
  for (int i = 1; i < 8; ++i) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
}

}  // namespace

Result<std::vector<Secret>> shamir_split(const Secret& secret, std::size_t count,
                                         std::size_t threshold, const Entropy& entropy) {
  if (secret.empty() || threshold < 2 || count < threshold || count > kSharesMax) {
    return error(Code::kInvalid, "a key is split among 2 to {} groups, of which 2 or more suffice",
                 kSharesMax);
  }
  const std::string_view bytes = secret.reveal();
  WEIR_TRY(const Secret chance, random_secret(entropy, bytes.size() * (threshold - 1)));
  std::vector<Secret> shares;
  for (std::size_t x = 1; x <= count; ++x) {
    std::string share(bytes.size() + 1, static_cast<char>(x));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      Byte value = 0;
      for (std::size_t degree = threshold - 1; degree > 0; --degree) {
        const auto coefficient =
            static_cast<Byte>(chance.reveal()[i * (threshold - 1) + degree - 1]);
        value = multiply(static_cast<Byte>(value ^ coefficient), static_cast<Byte>(x));
      }
      share[i] = static_cast<char>(value ^ static_cast<Byte>(bytes[i]));
    }
    shares.emplace_back(std::move(share));
  }
  return shares;
}

Result<Secret> shamir_combine(std::span<const Secret> shares) {
  if (shares.size() < 2) return error(Code::kCorrupt, "a split key needs at least 2 shares");
  const std::size_t size = shares[0].reveal().size();
  std::vector<Byte> xs;
  for (const Secret& share : shares) {
    if (share.reveal().size() != size || size < 2) {
      return error(Code::kCorrupt, "shares of a key that do not belong together");
    }
    const auto x = static_cast<Byte>(share.reveal().back());
    if (x == 0 || std::find(xs.begin(), xs.end(), x) != xs.end()) {
      return error(Code::kCorrupt, "the same share of a key twice");
    }
    xs.push_back(x);
  }
  std::string out(size - 1, '\0');
  for (std::size_t i = 0; i < xs.size(); ++i) {
    Byte weight = 1;
    for (std::size_t j = 0; j < xs.size(); ++j) {
      if (j == i) continue;
      weight = multiply(weight, multiply(xs[j], inverse(static_cast<Byte>(xs[i] ^ xs[j]))));
    }
    for (std::size_t k = 0; k + 1 < size; ++k) {
      out[k] = static_cast<char>(static_cast<Byte>(out[k]) ^
                                 multiply(weight, static_cast<Byte>(shares[i].reveal()[k])));
    }
  }
  return Secret(std::move(out));
}

}  // namespace weir::secrets
