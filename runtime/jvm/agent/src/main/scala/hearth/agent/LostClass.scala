package hearth.agent

import org.apache.spark.hearth.VersionLoader

/**
 * A class that is in the job's jar and yet was not found, because it was asked for by its name alone. Either the thread
 * belongs to nobody, such as those of Java's common pool, and which version is meant cannot be known. Or two versions of
 * the class meet in one piece of work, and either might be meant.
 */
object LostClass {
  private val names = Seq(
    // A missing class by itself, and as Scala's reflection reports it.
    """([\w.$/]+)""".r,
    """(?s)(?:class|object|type) ([\w.$]+) in .*[mM]irror.*not found\.?.*""".r
  )

  // As UnionLoader says it; in the text of a failed task too.
  private val ambiguous = """[\w.$]+: \d+ versions of this class meet here .*""".r

  /** What to do about it, if the error or one of its causes is one. */
  def advice(error: Throwable, version: VersionLoader): Option[String] =
    causes(error).flatMap(it => Option(it.getMessage)).flatMap(ambiguous.findFirstIn(_)).headOption
      .orElse(onNobodysThread(error, version))

  private def onNobodysThread(error: Throwable, version: VersionLoader): Option[String] =
    causes(error)
      .filter { it =>
        it.isInstanceOf[ClassNotFoundException] || it.isInstanceOf[NoClassDefFoundError] ||
        it.getClass.getName.startsWith("scala.")
      }
      .flatMap(it => Option(it.getMessage))
      .flatMap(text => names.map(_.pattern.matcher(text.trim)).find(_.matches).map(_.group(1).replace('/', '.')))
      .find(name => version.findResource(name.replace('.', '/') + ".class") != null)
      .map { name =>
        s"$name is in the job's own jar, but the thread that asked for it by name does not know which job it works " +
          "for. Give the thread the job's class loader (Thread.currentThread.setContextClassLoader(" +
          "getClass.getClassLoader)), or use Scala's global ExecutionContext or a thread of your own in place of " +
          "Java's common pool"
      }

  // Bounded, for a cause may lead back to itself.
  private def causes(error: Throwable): Seq[Throwable] =
    Iterator.iterate(error)(_.getCause).takeWhile(_ != null).take(20).toSeq
}
