// Message digests, by OpenSSL. Outside the folders that are built for the browser.
#pragma once

#include <string>
#include <string_view>

namespace weir {

std::string sha1(std::string_view bytes);    // 20 raw bytes
std::string sha256(std::string_view bytes);  // 32 raw bytes

class Sha1 {  // for files that are read piece by piece
 public:
  Sha1();
  ~Sha1();
  Sha1(const Sha1&) = delete;
  Sha1& operator=(const Sha1&) = delete;
  void update(std::string_view bytes);
  std::string finish();  // 20 raw bytes; the object is spent

 private:
  void* context_;
};

}  // namespace weir
