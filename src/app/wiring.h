// Every `new` of a real implementation, in one place.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "catalog/build.h"
#include "catalog/model.h"
#include "connector/destination.h"
#include "document/combiner.h"
#include "io/http_client.h"
#include "journal/reader.h"
#include "store/store.h"
#include "trigger/expand.h"

namespace weir::app {

// Asks the destination of each endpoint. Nothing is opened for writing.
catalog::ConstraintsOf constraints_of_destinations();

// Makes the paths of endpoints' configs absolute; as written they are relative to the file that
// says them. Encrypted ones stay as they are until they are opened.
void make_paths_absolute(catalog::Catalog& catalog);
Secret with_absolute_paths(protocol::EndpointKind kind, const Secret& config_json,
                           const std::string& base_dir);

// One session's destination. kInvalid: an endpoint that this build cannot run.
Result<std::unique_ptr<connector::Destination>> make_destination(
    const protocol::MaterializationSpec& spec);

// Collections in `files` are read from plain files, all others from the journals below `root`.
// `skip_gaps`: reads on behind fragments that are missing, instead of stopping there.
std::unique_ptr<journal::Journals> make_journals(
    const std::string& root, const std::map<std::string, catalog::FileSource>& files,
    bool skip_gaps);
Result<std::unique_ptr<store::Store>> open_store(const std::string& folder);

// Scratch space in `folder`, made when it is first needed.
std::unique_ptr<document::SpillFile> make_spill_file(const std::string& folder);

struct Network {
  io::Egress egress = io::Egress::kPrivateAllowed;
  bool proxy_trusted = false;
};
Result<std::unique_ptr<io::HttpClient>> make_http_client(const Network& network);

// Environment variables and files of this machine.
trigger::Surroundings surroundings();

}  // namespace weir::app
