package org.apache.spark.hearth

import java.lang.reflect.{Field, Modifier}

/** Fields that are private to Spark, Scala or Kryo. */
private[hearth] object Fields {

  /**
   * Sets a field of an object or of one of its base classes, final or static or not.
   *
   * @throws java.lang.NoSuchFieldException when it has none of that name
   */
  def set(target: AnyRef, name: String, value: AnyRef): Unit = {
    val field = find(target, name)
    if (!Modifier.isStatic(field.getModifiers)) field.set(target, value)
    else {
      // Reflection does not write static finals, which Scala 2.13 makes of an object's values. Unsafe does; by name, for a
      // compiler that is told which Java to compile for does not see it.
      val kind = Class.forName("sun.misc.Unsafe")
      val its = kind.getDeclaredField("theUnsafe")
      its.setAccessible(true)
      val unsafe = its.get(null)
      def ask(method: String) = kind.getMethod(method, classOf[Field]).invoke(unsafe, field)
      kind
        .getMethod("putObjectVolatile", classOf[Object], classOf[Long], classOf[Object])
        .invoke(unsafe, ask("staticFieldBase"), ask("staticFieldOffset"), value)
      ()
    }
  }

  def get(target: AnyRef, name: String): AnyRef = find(target, name).get(target)

  private def find(target: AnyRef, name: String): Field = {
    val classes = Iterator.iterate[Class[_]](target.getClass)(_.getSuperclass).takeWhile(_ != null)
    val found = classes
      .flatMap(_.getDeclaredFields.iterator)
      // Scala puts the class before the name of a field that others may see.
      .find(field => field.getName == name || field.getName.endsWith("$$" + name))
      .getOrElse(throw new NoSuchFieldException(s"${target.getClass.getName}.$name, which this version of Spark lacks"))
    found.setAccessible(true)
    found
  }
}
