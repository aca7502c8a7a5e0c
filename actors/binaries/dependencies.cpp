#include "actors/binaries/dependencies.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <future>
#include <vector>

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"
#include "base/digest.hpp"
#include "runtime/fetch/maven.hpp"
#include "store/files/content_files.hpp"
#include "store/files/durable_write.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

/// How much of Maven's output an error quotes, bytes.
constexpr std::size_t quoted_log = 2000;

/// A dependency that cannot be had.
class fetch_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The end of the path of a URL, which tells its type.
std::string_view path_of(std::string_view url) {
  return url.substr(0, url.find_first_of("?#"));
}

protocol::binary_ref reference(const std::string& name, const fs::path& path) {
  return {name, to_string(type_by_ending(path.string())),
          sha256_of_file(path.string()), path.string()};
}

protocol::binary_ref fetch(dependencies_state& st, const std::string& url) {
  auto& settings = st.settings;
  auto scratch = fs::path{settings.folder} / "download.part";
  auto known = st.known[url];
  if (!fs::exists(known.ref.path))
    known = {}; // somebody made room
  if (download(url, scratch.string(), known.state, settings.max_bytes,
               settings.limit)) {
    auto digest = sha256_of_file(scratch.string());
    auto type = type_by_ending(path_of(url));
    auto target = fs::path{settings.folder} / (digest + ending(type));
    fs::rename(scratch, target);
    known.ref
      = {without_credentials(url), to_string(type), digest, target.string()};
  } else {
    fs::remove(scratch);
  }
  st.known[url] = known;
  return known.ref;
}

/// Runs Maven to its end, which comes within the limit.
void run_maven(dependencies_state& st, const std::vector<std::string>& command,
               const fs::path& folder) {
  auto log = (folder / "maven.log").string();
  auto ended = std::make_shared<std::promise<launch::process_exit>>();
  auto future = ended->get_future();
  auto environment = st.settings.environment;
  environment.insert(environment.end(), {"MAVEN_*", "M2_HOME"});
  process_id process;
  try {
    process = st.launcher->start(
      {command, {}, folder.string(), log, -1, std::move(environment)},
      [ended](const launch::process_exit& how) { ended->set_value(how); });
  } catch (const launch::launch_error& e) {
    throw fetch_error(
      std::string{"Maven coordinates need Maven, which cannot be run: "}
      + e.what() + "; hearth.dependencies.maven says where it is");
  }
  auto in_time
    = future.wait_for(st.settings.limit) == std::future_status::ready;
  if (!in_time)
    st.launcher->signal_group(process, SIGKILL);
  auto how = future.get();
  st.launcher->forget(process);
  if (!in_time)
    throw fetch_error("Maven was not done within "
                      + std::to_string(st.settings.limit.count())
                      + " ms (setting hearth.dependencies.timeout)");
  if (how.code != 0 || how.signal != 0)
    throw fetch_error("Maven " + launch::to_string(how) + ":\n"
                      + launch::tail(log, quoted_log));
}

/// The artifact itself first, then what it needs, in the order of their names.
std::vector<fs::path> jars_in(const fs::path& folder,
                              const std::string& artifact) {
  std::vector<fs::path> result;
  for (auto& x : fs::directory_iterator{folder})
    if (x.path().extension() == ".jar")
      result.push_back(x.path());
  std::sort(result.begin(), result.end());
  std::stable_partition(result.begin(), result.end(), [&](auto& x) {
    return x.filename().string().starts_with(artifact + "-");
  });
  return result;
}

resolved_binaries fetch_artifact(dependencies_state& st, const std::string& uri,
                                 const maven_coordinate& x) {
  auto folder
    = fs::path{st.settings.folder} / "maven" / x.group / x.artifact / x.version;
  auto jars = folder / "jars";
  // Only what changes under one version has to be asked for again.
  if (x.version.ends_with("-SNAPSHOT") || !fs::exists(jars)) {
    auto scratch = folder / "jars.part";
    fs::remove_all(scratch);
    fs::create_directories(scratch);
    auto project = folder / "pom.xml";
    write_flushed(project, maven_project(x, st.settings.maven_repositories));
    run_maven(
      st, maven_command(st.settings.maven, project.string(), scratch.string()),
      folder);
    fs::remove_all(jars);
    fs::rename(scratch, jars);
  }
  resolved_binaries result;
  for (auto& jar : jars_in(jars, x.artifact))
    result.refs.push_back(reference(uri, jar));
  if (result.refs.empty())
    throw fetch_error("no jar");
  return result;
}

/// What is needed now, and makes room for it.
resolved_binaries use(dependencies_state& st, resolved_binaries found,
                      const std::vector<std::string>& in_use) {
  for (auto& x : found.refs)
    st.cache->used(x.path);
  st.cache->trim({in_use.begin(), in_use.end()});
  std::erase_if(st.known,
                [](auto& x) { return !fs::exists(x.second.ref.path); });
  return found;
}

caf::result<resolved_binaries> resolve(dependencies_state& st,
                                       const std::string& uri,
                                       const std::vector<std::string>& in_use) {
  try {
    if (!uri.starts_with("maven:"))
      return use(st, {{fetch(st, uri)}}, in_use);
    if (auto x = parse_coordinate(uri))
      return use(st, fetch_artifact(st, uri, *x), in_use);
    return make_error(ec::malformed_url,
                      problem{"'" + uri
                                + "' is no Maven coordinate: "
                                  "maven:group:artifact:version is right",
                              "java.net.MalformedURLException", "", ""});
  } catch (const std::exception& e) {
    auto what = "cannot fetch " + without_credentials(uri) + ": " + e.what();
    return make_error(
      ec::job_loading_failed,
      problem{what, "java.io.IOException", "java.io.IOException: " + what, ""});
  }
}

} // namespace

bool is_remote(std::string_view scheme) noexcept {
  constexpr std::array<std::string_view, 4> schemes{"http", "https", "ftp",
                                                    "maven"};
  return std::find(schemes.begin(), schemes.end(), scheme) != schemes.end();
}

dependencies_actor::behavior_type
dependencies(dependencies_actor::stateful_pointer<dependencies_state> self,
             dependency_settings settings,
             std::shared_ptr<launch::launcher> launcher) {
  auto& st = self->state;
  st.settings = std::move(settings);
  st.settings.folder
    = fs::absolute(st.settings.folder).lexically_normal().string();
  st.cache = std::make_unique<dependency_cache>(st.settings.folder,
                                                st.settings.max_folder);
  st.launcher = std::move(launcher);
  st.since = now_ms();
  return {
    [=](atom::resolve, const std::string& uri,
        const std::vector<std::string>& in_use) {
      return resolve(self->state, uri, in_use);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{
        own_status(self, "dependencies", "", "open", 0, self->state.since)};
    },
  };
}

} // namespace hearth
