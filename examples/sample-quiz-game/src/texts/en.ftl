help = You can ask for your favorite color, or say: start a quiz.
welcome = Welcome to the sample quiz game. { help }
goodbye = Goodbye!
not-understood = Sorry, I did not understand that. { help }
apology = Sorry, the quiz game has a problem right now. Please try again later.

color-of-name = { $name }'s favorite color is { $color }.
color = Your favorite color is { $color }.
no-color-of-name = { $name }, I do not know your favorite color yet. You can set it on your account page.
no-color = I do not know your favorite color yet. You can set it on your account page.

question = { $number ->
    [0] How many colors has a rainbow?
    [1] How many sides has a hexagon?
    [2] How many strings has a violin?
   *[3] How many legs has a spider?
}
right = That is right! { question }
wrong = No, the answer is { $right }. { question }
no-number = I did not hear a number. { question }
last-right = That is right! { over }
last-wrong = No, the answer is { $right }. { over }
over = That was the last question. Thank you for playing!
