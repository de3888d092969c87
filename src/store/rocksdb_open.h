// Between rocksdb_store.cc and its tests: the same opening on a given environment, so that a test
// can fill the disk.
#pragma once

#include "store/rocksdb_store.h"

namespace rocksdb {
class Env;
}

namespace weir::store {

Result<std::unique_ptr<Store>> open_rocksdb_on(rocksdb::Env* env, const std::string& folder,
                                               const RocksOptions& options);

}  // namespace weir::store
