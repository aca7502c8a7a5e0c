package spark.jobserver.util

/** Names of settings, for factories of contexts. */
object JobserverConfig {

  /** The setting of a context that gives its session Hive. */
  val IS_SPARK_SESSION_HIVE_ENABLED = "spark.session.hive.enabled"
}
