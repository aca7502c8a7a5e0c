#include "conf/load.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <ostream>
#include <set>

#include <boost/program_options.hpp>

#include "conf/hocon_lexer.hpp"
#include "conf/hocon_resolve.hpp"
#include "conf/keys.hpp"

namespace hearth::conf {

namespace {

namespace po = boost::program_options;

std::optional<std::string> from_environment(const std::string& name) {
  auto* found = std::getenv(name.c_str());
  if (!found)
    return std::nullopt;
  return found;
}

std::string join(const path& names, std::size_t from = 0) {
  std::string result;
  for (auto i = from; i < names.size(); ++i)
    result += (i == from ? "" : ".") + names[i];
  return result;
}

bool begins_with(const path& x, std::initializer_list<const char*> names) {
  return x.size() >= names.size()
         && std::equal(names.begin(), names.end(), x.begin());
}

std::string text_of(const value& x) {
  if (x.what == value::kind::list || x.what == value::kind::object)
    return to_json(x);
  return x.text;
}

bool is_group(const std::string& name) {
  return std::any_of(keys().begin(), keys().end(),
                     [&](auto& x) { return x.name.starts_with(name + '.'); });
}

void assign(settings_map& to, const std::string& name, const value& x) {
  if (x.what == value::kind::null)
    to.erase(name);
  else
    to[name] = to_setting(x);
}

/// Returns the part of a value that an error may show; the values of variables
/// can be secret.
std::string shown(const key& x, std::string text) {
  if (x.name != "hearth.contexts.environment")
    return text;
  for (auto at = text.find('='); at != text.npos; at = text.find('=', at + 1))
    text.replace(at + 1, std::min(text.find(',', at), text.size()) - at - 1,
                 "...");
  return text;
}

/// Applies assignments, of the file or of the command line, in order.
class loader {
public:
  explicit loader(loaded& result) : result_(result) {}

  /// @param origin the beginning of errors, e.g. "hearth.conf:7"
  void apply(const assignment& x, const std::string& origin) {
    auto& all = result_.settings;
    if (begins_with(x.where_to, {"spark", "context-settings"})) {
      apply_defaults(x, origin);
    } else if (begins_with(x.where_to, {"spark", "contexts"})) {
      apply_context(x, origin);
    } else if (begins_with(x.where_to, {"hearth", "spark", "homes"})) {
      apply_home(x, origin);
    } else if (auto name = join(x.where_to); auto* known = find_key(name)) {
      if (x.what.what == value::kind::null)
        known->set(all, known->get(settings{}));
      else if (x.what.what == value::kind::list
               || x.what.what == value::kind::object
               || !known->set(all, x.what.text))
        throw config_error(origin + ": " + name + " must be "
                           + std::string{known->form} + ", not '"
                           + shown(*known, text_of(x.what)) + "'");
    } else {
      apply_unknown(name, x, origin);
    }
  }

private:
  static bool is_empty_object(const value& x) {
    return x.what == value::kind::object;
  }

  static void require_object(const assignment& x, const std::string& origin) {
    if (!is_empty_object(x.what) && x.what.what != value::kind::null)
      throw config_error(origin + ": " + join(x.where_to)
                         + " must be an object, not '" + text_of(x.what) + "'");
  }

  void apply_defaults(const assignment& x, const std::string& origin) {
    if (x.where_to.size() == 2)
      require_object(x, origin);
    else
      assign(result_.settings.context_defaults, join(x.where_to, 2), x.what);
  }

  void apply_context(const assignment& x, const std::string& origin) {
    if (x.where_to.size() <= 3)
      require_object(x, origin);
    if (x.where_to.size() == 2)
      return;
    auto& contexts = result_.settings.start_contexts;
    auto& name = x.where_to[2];
    auto i = std::find_if(contexts.begin(), contexts.end(),
                          [&](auto& y) { return y.first == name; });
    if (x.where_to.size() == 3 && x.what.what == value::kind::null) {
      if (i != contexts.end())
        contexts.erase(i);
      return;
    }
    if (i == contexts.end())
      i = contexts.insert(i, {name, {}});
    if (x.where_to.size() > 3)
      assign(i->second, join(x.where_to, 3), x.what);
  }

  void apply_home(const assignment& x, const std::string& origin) {
    auto& homes = result_.settings.spark.homes;
    // A version's dot makes two names of it where it is not quoted.
    auto name = join(x.where_to, 3);
    if (name.empty())
      require_object(x, origin);
    else if (x.what.what == value::kind::null)
      homes.erase(name);
    else if (x.what.what == value::kind::text && !x.what.text.empty())
      homes[name] = x.what.text;
    else if (!is_empty_object(x.what))
      throw config_error(origin + ": " + join(x.where_to)
                         + " must be the path of a Spark distribution");
  }

  void apply_unknown(const std::string& name, const assignment& x,
                     const std::string& origin) {
    if (is_group(name)) {
      if (is_empty_object(x.what))
        return;
      throw config_error(origin + ": " + name
                         + " is a group of keys and takes no value");
    }
    if (auto foreign = foreign_key(name); !foreign.empty()) {
      warn(std::string{foreign}, origin);
      return;
    }
    auto similar = similar_key(name);
    auto ours = begins_with(x.where_to, {"hearth"});
    // Outside of our own groups, only a key that looks like one of ours is an
    // error, because files of Spark Job Server have all kinds of keys for its
    // libraries and jobs.
    if (ours || !similar.empty())
      throw config_error(
        origin + ": unknown key " + name
        + (similar.empty() ? ""
                           : "; did you mean " + std::string{similar} + "?"));
    warn(begins_with(x.where_to, {"spark"}) ? name : x.where_to.front(),
         origin);
  }

  void warn(const std::string& name, const std::string& origin) {
    if (warned_.insert(name).second)
      result_.warnings.push_back(origin + ": " + name
                                 + " has no meaning here and is ignored");
  }

  loaded& result_;
  std::set<std::string> warned_;
};

std::string read_file(const std::string& name) {
  errno = 0;
  std::ifstream in{name, std::ios::binary};
  std::string result;
  try {
    if (in)
      result.assign(std::istreambuf_iterator<char>{in}, {});
  } catch (const std::ios_base::failure&) {
    in.setstate(std::ios::badbit); // a folder, for one
  }
  if (!in)
    throw config_error("cannot read " + name + ": " + std::strerror(errno));
  return result;
}

void apply_file(loader& to, const std::string& name) {
  auto text = read_file(name);
  text_limits limits;
  try {
    for (auto& x : flatten(parse_hocon(text, limits), limits, from_environment))
      to.apply(x, name + ":" + std::to_string(x.where.line));
  } catch (const parse_error& x) {
    throw config_error(name + ":" + x.what());
  }
}

/// Everybody on the machine may read a command line.
bool holds_password(const std::string& url) {
  if (!url.starts_with("postgres"))
    return false;
  auto host = url.find("://");
  auto user_end = url.find('@');
  return url.find("password=") != std::string::npos
         || (host != std::string::npos && user_end != std::string::npos
             && url.find(':', host + 3) < user_end);
}

void apply_option(loader& to, const std::string& option, const std::string& key,
                  const std::string& text) {
  assignment x;
  try {
    lexer in{key};
    x.where_to = read_path(in);
    if (in.current().what != token::kind::end)
      throw config_error(option + ": '" + key + "' is not a key");
  } catch (const parse_error& error) {
    throw config_error(option + ": " + error.what());
  }
  x.what.what = value::kind::text;
  x.what.text = text;
  to.apply(x, option);
}

po::variables_map parse_options(const po::options_description& options,
                                int argc, const char* const* argv) {
  po::variables_map result;
  try {
    auto style = po::command_line_style::default_style
                 & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(argc, argv)
                .options(options)
                .positional({})
                .style(style)
                .run(),
              result);
    po::notify(result);
  } catch (const po::error& x) {
    throw config_error(std::string{x.what()} + " (see --help)");
  }
  return result;
}

} // namespace

std::optional<loaded> load(int argc, const char* const* argv,
                           std::ostream& out) {
  po::options_description options{"Options"};
  auto add = options.add_options();
  add("config", po::value<std::string>()->value_name("FILE"),
      "configuration file, HOCON; conf/hearth.conf lists every key");
  add(
    "set",
    po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(),
    "set one key, e.g. spark.master=local[2]; may be repeated");
  add("port", po::value<std::string>()->value_name("N"),
      "port of the REST interface, 0 for any free one; same as "
      "spark.jobserver.port");
  add("help", "print this and exit");
  add("version", "print the version and exit");
  auto given = parse_options(options, argc, argv);
  if (given.count("help") > 0) {
    out << "Usage: hearthd [options]\n" << options;
    return std::nullopt;
  }
  if (given.count("version") > 0) {
    out << "hearthd " << HEARTH_VERSION << "\n";
    return std::nullopt;
  }
  loaded result;
  loader to{result};
  if (given.count("config") > 0)
    apply_file(to, given["config"].as<std::string>());
  if (given.count("set") > 0)
    for (auto& x : given["set"].as<std::vector<std::string>>()) {
      auto end = x.find('=');
      if (end == std::string::npos)
        throw config_error("--set " + x + ": write it as KEY=VALUE");
      auto name = x.substr(0, end);
      auto text = x.substr(end + 1);
      if (name == "hearth.store.url" && holds_password(text))
        throw config_error("--set hearth.store.url: a password on a command "
                           "line is for all to see: put the url into the file "
                           "of --config, or the password into the file of "
                           "hearth.store.password-file");
      apply_option(to, "--set " + x, name, text);
    }
  if (given.count("port") > 0) {
    auto port = given["port"].as<std::string>();
    apply_option(to, "--port " + port, "spark.jobserver.port", port);
  }
  auto& spark = result.settings.spark;
  if (!spark.default_home.empty() && !spark.homes.contains(spark.default_home))
    throw config_error("hearth.spark.default is '" + spark.default_home
                       + "', which is none of hearth.spark.homes");
  if (result.settings.spark.home.empty())
    result.settings.spark.home = from_environment("SPARK_HOME").value_or("");
  return result;
}

} // namespace hearth::conf
