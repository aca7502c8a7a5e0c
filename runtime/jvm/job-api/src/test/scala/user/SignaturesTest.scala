package user

import java.lang.reflect.{Executable, Modifier}
import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path, Paths}

import org.junit.Assert.assertEquals
import org.junit.Test

/**
 * What compiled jobs find in the job API: its classes, and their methods as the JVM knows them. The list of it is
 * `signatures_2.1x.txt`, and nothing may go from there: a jar that calls it would fail with a NoSuchMethodError.
 */
class SignaturesTest {
  private val line = scala.util.Properties.versionNumberString.split('.').take(2).mkString(".")

  private val found: Seq[String] = {
    val classes = Paths.get(classOf[spark.jobserver.SparkJob].getProtectionDomain.getCodeSource.getLocation.toURI)
    Signatures.of(classes)
  }

  private lazy val listed: Seq[String] = {
    val in = getClass.getResourceAsStream(s"/signatures_$line.txt")
    try scala.io.Source.fromInputStream(in, "UTF-8").getLines().toList
    finally in.close()
  }

  /** To be copied over the list when the API grows. */
  private val newList = Paths.get(System.getProperty("hearth.test.target"), s"signatures_$line.txt")
  Files.write(newList, found.mkString("", "\n", "\n").getBytes(UTF_8))

  @Test def nothingGoes(): Unit =
    assertEquals("Compiled jobs need these", "", listed.filterNot(found.toSet).mkString("\n"))

  @Test def whatIsNewIsListed(): Unit =
    assertEquals(s"The list needs these; $newList has them", "", found.filterNot(listed.toSet).mkString("\n"))
}

private object Signatures {

  /** Private to the API, which the JVM does not know. */
  private val Internal = Set(
    "context.FlatSettings",
    "context.SessionContexts",
    "context.StreamingContexts",
    "StoredBeforeComputed",
    "JavaSparkJob$"
  ).map("spark.jobserver." + _)

  /** A line for each class and each method, sorted. */
  def of(classes: Path): Seq[String] = {
    val names = Vector.newBuilder[String]
    val files = Files.walk(classes.resolve("spark"))
    try
      files.forEach { file =>
        val name = classes.relativize(file).toString
        if (name.endsWith(".class")) names += name.stripSuffix(".class").replace('/', '.')
        ()
      }
    finally files.close()
    names
      .result()
      .filterNot(name => name.contains("$anon") || Internal(name) || Internal(name.stripSuffix("$")))
      .map(Class.forName(_, false, getClass.getClassLoader))
      .flatMap(kind => header(kind) +: members(kind))
      .sorted
  }

  private def header(kind: Class[_]): String = {
    val what =
      if (kind.isInterface) "interface"
      else if (Modifier.isAbstract(kind.getModifiers)) "abstract class"
      else "class"
    val above = Option(kind.getSuperclass).filterNot(_ == classOf[Object]).toSeq ++ kind.getInterfaces
    s"${kind.getName} is $what" + (if (above.isEmpty) "" else above.map(_.getName).mkString(" of ", ", ", ""))
  }

  private def members(kind: Class[_]): Seq[String] =
    kind.getDeclaredConstructors.toSeq.filter(isSeen).map(made => s"${kind.getName}${parameters(made)}") ++
      kind.getDeclaredFields.toSeq
        .filter(field => !Modifier.isPrivate(field.getModifiers) && !field.isSynthetic)
        .map(field => s"${kind.getName}.${field.getName}: ${field.getType.getName}") ++
      kind.getDeclaredMethods.toSeq.filter(isSeen).map { method =>
        val flags = Seq("abstract" -> Modifier.ABSTRACT, "static" -> Modifier.STATIC).collect {
          case (flag, bit) if (method.getModifiers & bit) != 0 => flag + " "
        }
        s"${kind.getName}.${method.getName}${parameters(method)}: ${flags.mkString}${method.getReturnType.getName}"
      }

  private def isSeen(member: Executable): Boolean =
    !Modifier.isPrivate(member.getModifiers) &&
      !member.getName.contains("$anonfun") && member.getName != "$deserializeLambda$"

  private def parameters(of: Executable): String = of.getParameterTypes.map(_.getName).mkString("(", ", ", ")")
}
