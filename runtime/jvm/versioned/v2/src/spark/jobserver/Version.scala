package spark.jobserver

/** What the two jars of this name differ in. */
object Version {
  def number: Int = 2
}
