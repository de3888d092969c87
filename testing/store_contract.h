// What every Store promises, as one suite for the fake and the real thing. An implementation gives
// a StoreHost and one line: INSTANTIATE_TEST_SUITE_P(Rocks, StoreContract,
// ::testing::Values(make_rocks_host)).
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "store/store.h"

namespace weir::testing {

// One place on one disk.
class StoreHost {
 public:
  virtual ~StoreHost() = default;
  virtual Result<std::unique_ptr<store::Store>> open() = 0;
  // The process that holds `store` dies; only what was synced is sure to survive.
  virtual void crash(std::unique_ptr<store::Store> store) = 0;
};

class StoreContract : public ::testing::TestWithParam<std::unique_ptr<StoreHost> (*)()> {
 protected:
  void SetUp() override { host_ = GetParam()(); }
  std::unique_ptr<store::Store> open() {
    auto opened = host_->open();
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    return std::move(*opened);
  }
  std::unique_ptr<StoreHost> host_;
};

}  // namespace weir::testing
