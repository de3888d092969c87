#include "app/prepared_trigger.h"

#include "app/version.h"
#include "base/check.h"
#include "trigger/terms.h"

namespace weir::app {

Result<std::shared_ptr<const trigger::Prepared>> prepare(const Target& target,
                                                         const std::string& environment) {
  WEIR_CHECK(target.trigger != nullptr);
  trigger::TaskFacts task;
  task.materialization = target.built->spec.name;
  task.connector_image = trigger::connector_image_of(target.built->spec);
  task.endpoint = trigger::endpoint_name(target.built->spec.endpoint);
  task.environment = environment;
  task.product_version = version();
  return trigger::Prepared::make(*target.trigger, std::move(task),
                                 trigger::revision_of(*target.trigger, *target.built, environment));
}

}  // namespace weir::app
