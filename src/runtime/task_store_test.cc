#include "runtime/task_store.h"

#include <gtest/gtest.h>

#include "store/keys.h"
#include "testing/fake_store.h"

namespace weir::runtime {
namespace {

protocol::MaterializationSpec spec_of(const std::vector<std::pair<std::string, int>>& tables) {
  protocol::MaterializationSpec out;
  out.name = "m";
  for (const auto& [table, backfill] : tables) {
    protocol::Binding& binding = out.bindings.emplace_back();
    binding.resource_path = {table};
    binding.backfill = static_cast<std::uint32_t>(backfill);
    binding.state_key = protocol::state_key(binding.resource_path, binding.backfill);
    binding.resource_config_json = "{}";
    binding.collection.name = "c";
  }
  return out;
}

std::vector<std::string> keys_of(const std::vector<protocol::Binding>& bindings) {
  std::vector<std::string> out;
  for (const protocol::Binding& binding : bindings) out.push_back(binding.state_key);
  return out;
}

using Keys = std::vector<std::string>;

// What one opening after the other applies, and which bindings it calls inactive.
TEST(TaskStore, BindingsThatLeftTheCatalogBecomeInactive) {
  testing::FakeDisk disk;
  const auto store = *disk.open();
  const auto open = [&](const std::vector<std::pair<std::string, int>>& tables) {
    protocol::MaterializationSpec spec = spec_of(tables);
    spec.inactive_bindings = inactive_bindings(*store, spec);
    EXPECT_TRUE(remember_applied(*store, spec).has_value());
    return keys_of(spec.inactive_bindings);
  };
  EXPECT_EQ(open({{"a", 0}, {"b", 0}, {"c", 0}}), Keys{});
  EXPECT_EQ(open({{"b", 0}}), (Keys{"a", "c"}));
  EXPECT_EQ(open({{"b", 0}, {"d", 0}}), (Keys{"a", "c"}));  // … over openings
  EXPECT_EQ(open({{"b", 1}, {"a", 0}}), (Keys{"c", "d"}));  // a backfill is the same table
  EXPECT_EQ(open({{"a", 0}, {"b", 1}, {"c", 2}, {"d", 0}}), Keys{});
}

TEST(TaskStore, WhatWasAppliedCannotBeReadAndIsAsGoodAsLost) {
  testing::FakeDisk disk;
  const auto store = *disk.open();
  store::Batch batch;
  batch.put(std::string(store::kApplied), "{");
  ASSERT_TRUE(store->write(batch, store::Sync::kNo).has_value());
  EXPECT_TRUE(inactive_bindings(*store, spec_of({{"a", 0}})).empty());
}

}  // namespace
}  // namespace weir::runtime
