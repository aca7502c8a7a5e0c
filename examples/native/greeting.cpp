// The smallest job that validates: { name = "Ada" }

#include <hearth/job.hpp>
#include <string>

struct greet {
  hearth::validated<std::string> validate(hearth::context&,
                                          const hearth::config& config) {
    auto name = config.get<std::string>("name");
    if (name.empty())
      return hearth::problems{"name must not be empty"};
    return name;
  }

  std::string run(hearth::context&, const std::string& name) {
    return "Hello, " + name + "!";
  }
};

HEARTH_JOB(greet)
