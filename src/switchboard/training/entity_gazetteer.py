"""Lists from which the tagger learns what names and places look like: written by hand, and the places of the numbering plans."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from switchboard.understanding.tagger_features import folded

FIRST_NAMES = """
aaron abby abdul abigail abraham ada adam adele adrian agnes ahmed aidan aisha alan alana albert alberto alejandro
alessandro alex alexander alexandra alexei alexis alfred ali alice alicia alina alison allan allen allison alma alvaro
amanda amara amber amelia amina amir amit amy ana anaya anders andrea andreas andrew andy angel angela angelica anita
anjali ann anna anne annette anthony antoine anton antonio anya april arjun armando arnold arthur arturo ashley astrid
audrey austin ava barbara beatrice ben benedict benjamin bernard beth bethany betty bill billy bjorn bob bobby boris
brad bradley brandon brenda brent brett brian bridget bruce bruno bryan caitlin caleb cameron camila camille candice
carl carla carlos carmen carol caroline carolyn carrie casey catherine cathy cecilia cedric celia celine chad charlene
charles charlie charlotte chelsea cheryl chiara chloe chris christian christina christine christopher cindy claire
clara clare claudia colin connie connor corinne craig cristina curtis cynthia daisy dale damian dan dana daniel
daniela danielle danny daphne darren dave david dawn dean deborah debra deepak denise dennis derek diana diane diego
dina dirk dmitri dominic don donald donna dora doris dorothy doug douglas duncan dustin dylan ed eddie edgar edith
eduardo edward edwin eileen elaine eleanor elena eli elias elijah elizabeth ella ellen elliot elsa emil emilia emilio
emily emma enrique eric erica erik erin ernest esther ethan eugene eva evan evelyn fabian fatima faye felipe felix
fernando finn fiona florence frances francesca francesco francis francisco frank franz fred freda freddie frederick
gabriel gabriela gail gareth gary gavin gemma geoff george georgia gerald gerard giovanni gina giulia giuseppe gladys
glen glenn gloria gordon grace graham grant greg gregory greta guido gustavo guy hamza hanna hannah hans harold
harriet harry harvey hassan heather hector heidi helen helena helga henrik henry herbert hilary holly howard hugh hugo
ian ibrahim ida igor imran ines ingrid irene iris isaac isabel isabella isla ivan ivy jack jackie jackson jacob
jacqueline jade jake jamal james jamie jan jane janet janice jared jasmine jason javier jay jean jeff jeffrey jen
jennifer jenny jeremy jermaine jerome jerry jesse jessica jill jim jimmy jo joan joanna joao joe joel johan johann
johanna john johnny jon jonas jonathan jordan jorge jose josef joseph josephine josh joshua joy joyce juan juanita
judith judy julia julian juliana julie julien juliet june jurgen justin kamal karen karim karl karla kasia kate
katherine kathleen kathryn kathy katie katrina kay keith kelly ken kendra kenneth kerry kevin kim kimberly kirsten
klaus kofi kristen kristina kumar kurt kyle lara larry latoya laura lauren laurence lawrence lea leah lee lena leo
leon leonard leonardo leslie levi lewis liam lily linda lindsay lisa liz lloyd logan lois lola lorenzo lori lorraine
louis louise luca lucas lucia lucy luigi luis luke luna lydia lynn mabel madeleine maggie malcolm manuel marc marcel
marco marcus margaret maria mariana marie marilyn marina mario marion mark marlene marta martha martin martina marvin
mary mason mateo mathias matilda matt matteo matthew maureen maurice max maxine maya megan mehmet melanie melissa
melvin mercedes mia michael michele michelle miguel mikael mike mila mildred miles millie milo mina miranda miriam
mohamed mohammed moira molly monica morgan moses muhammad murray nadia nancy naomi natalia natalie natasha nathan neil
nell nelson nia nicholas nick nicola nicolas nicole nigel nikita nikolai nina noah noel nora norma norman nuno oliver
olivia olga omar oscar otto owen pablo paige pam pamela paola paolo patricia patrick paul paula pauline pearl pedro
peggy penny percy pete peter petra phil philip phillip phoebe phyllis pierre pieter polly priya quentin rachel rafael
raj rajesh ralph ramon randy raquel raul ravi ray raymond rebecca regina renata rene rhonda ricardo rich richard rick
ricky rita rob robert roberta roberto robin rocio rodrigo roger rohit roland roman ron ronald rosa rose rosemary ross
roy ruben ruby rudolf russell ruth ryan sabine sabrina sally salma sam samantha samir samuel sandra sandy sanjay
santiago sara sarah sasha saul scott sean sebastian selina serena sergei sergio seth shane shannon sharon shaun shawn
sheila shelly shirley sidney silvia simon simone sofia sonia sophia sophie stacey stan stanley stefan stefano stella
stephanie stephen steve steven stuart sue suki summer sunita susan susana susanne suzanne svetlana sven sydney sylvia
tamara tanya tara taylor ted teresa terry tess thea theo theresa theodore thomas tiago tiffany tim timothy tina tobias
todd tom tomas toni tony tracy travis trevor tristan troy tyler ulrich uma ursula val valentina valerie vanessa vera
veronica vicky victor victoria vijay vikram vincent viola violet vivian vladimir walter wanda warren wayne wendy
werner wesley wilhelm will william wolfgang xavier yasmin yolanda yuki yusuf yvonne zach zachary zara zoe
abena adaeze ade adeola adil agata agnieszka aiko aino ajay akash akiko aleksandra alessia alfie amaka amelie amira
anastasia andrei andre anil anjana annika antonia anouk arjen arlene arun asha ashok ayesha ayla bao bartosz basil
beata becca beckie bella bev birgit birte blake bogdan bram brandi bronte bryanna bryn callum camilo carina carlo
carmela carsten celeste cesar chantal chidi chiamaka chinedu christa christoph ciara cillian claudine clive conor cora
cormac corey cristian dagmar damien daria darius deandre declan deepa deirdre delia della demi denzel desmond dev
dieter dilip dimitri divya dmitry dolores dominik dominique donnie dorota dwayne edwina efe eilidh ekaterina eleni
elif elin eliza elke ellie elodie eloise elsie emeka emir emmanuel enzo esme esra estelle etta ewa ezra farah farid
federica federico fernanda ffion fiachra filip finlay flora florian folake francine fredrik freya friedrich gabi
ganesh georgie gerhard gerry ghislaine giorgio gita graeme gunnar gwen hamid hana hank harish harpreet hasan hayley
heike heinrich henri hiroshi huw hyun ibrahima ikram ilse imani imogen indira ingvild ioana iqbal irina isak isha
ishaan ismail itachi ivana iwona jaime jakub jamila janina jaroslav jasmin jasper jaya jayden jayesh jelena jens
jesper jiri joachim jodie johanne jolanta joost josie juana jukka justyna kaito kalyan kamala kara karin karina
karolina kasper katarina katya kavita kayla keira keisha kelsey kemal kenji kenny khadija khalid kieran kira kiran
kirsty klara kristian kristin kristof krzysztof kwame laila lakshmi lamar lance lars lata latisha leila leonie leticia
lilian lina linus lior lisbeth livia lorna lorenz lotte lourdes luciana ludmila luka lukas lukasz mads magda magdalena
mahmoud maja malik manish manoj marcelo marcin margot mariam marianne maribel mariela marijke marika marisol marit
marius marko markus marlon mathieu mats matthias mattias maura mavis maxim mei melina melody mette meera michal mick
mikhail milena milos mira mirjam misha mitch mohan mohit moritz mustafa myra nabil nadine naresh nasir natalya nasser
neha niall niamh nicky niklas nikhil nils ngozi nisha noor noemi octavia odette olaf oleg olena olu omari oona orla
ornella osman oyelaran padma parisa pascal patrice pavel pawel paulo pia piotr pooja prakash pranav prem priti qing
rafaela rahul rajan ralf ramona ramesh rania ranjit rashid reema reggie reinhard renee renske reza rhea rhian rhys
ritu robbie robby rocco roisin rolf romain ronan ronnie rosalind rosie rowan roxanne rufus rupert ruta sadia sachin
safiya sagar salim salvatore sana sandeep sanne saoirse saskia savita selma sergey shanice shankar shauna shelley
shirin shreya siddharth sigrid silas simona sina siobhan sita slawomir soren stefania stewart sunil sunniva suresh
susie swati sylvie tadeusz taha takeshi tamika tania tariq tasha tatiana teddy terrence thandi thorsten tilly tobin
tomasz torsten toshi trish tyrone ugo ulla usha uwe vadim vanya varun vasily veena viktor vikas vincenzo viraj vivek
wei wendell wiktor willem wilma winston xiao yana yannick yara yasmine yesenia yogesh yolande yuko yuri yves zainab
zahra zeynep zhen zuzana zelda ariana lebron kanye beyonce rihanna barack hillary
"""
LAST_NAMES = """
abbott adams ahmed ali allen alvarez anderson andersson andrews armstrong bailey baker barnes becker bell bennett
bernard bianchi black boyd bradley brooks brown bryant burke burns burton butler byrne campbell carlson carpenter carr
carroll carter castillo castro chan chang chapman chavez chen clark clarke cohen cole coleman collins colombo conti
cook cooper costa cox crawford cruz cunningham da silva daniels davies davis dean delgado diaz dixon dubois duncan
dunn durand edwards elliott ellis esposito evans fernandes fernandez ferrari ferreira fischer fisher fitzgerald
fleming fletcher flores ford foster fox franklin freeman fuller garcia gardner gibson gomes gomez gonzalez gordon
graham grant gray green greene griffin gupta gutierrez hall hamilton hansen hanson harper harris harrison hart harvey
hayes henderson henry hernandez hicks hill hoffman holmes howard huang hudson hughes hunt hunter ibrahim ivanov iyer
jackson jacobs james jansen janssen jensen jenkins jimenez johansson johnson johnston jones jordan joshi kapoor kaur
kelley kelly kennedy khan kim king klein knight koch kowalski kumar lambert larsen larson laurent lawson lee lefebvre
leroy lewis li lin lindqvist liu long lopez lynch mackenzie marino marshall martin martinez mason matthews mcdonald
mcgrath mehta mendoza meyer miller mills mitchell moore moreau morales moreno morgan morris mueller muller murphy
murray myers nakamura nelson neumann newman nguyen nichols nielsen nilsson novak obrien oconnor oliveira olsen olson
ortega ortiz owens okafor okonkwo park parker patel patterson payne pereira perez perkins perry peters petersen
peterson petit phillips pierce pinto porter powell price quinn ramirez ramos rao reddy reed reid reyes reynolds ricci
rice richards richardson richter rivera roberts robertson robinson rodrigues rodriguez rogers romano romero rose ross
rossi rousseau roux roy ruiz russell russo ryan sanchez sanders santos sato schmidt schneider schulz schwarz scott
shah sharma shaw silva simmons simon simpson singh smith snyder sousa spencer stephens stevens stewart stone sullivan
suzuki svensson tan tanaka taylor thomas thompson torres tran tucker turner vargas vasquez vega verma virtanen wagner
walker wallace walsh wang ward warren washington watanabe watson weaver webb weber welch wells west wheeler white
williams williamson wilson wolf wong wood woods wright wu yamamoto yang yilmaz young zhang zhao zhou zimmermann
adeyemi aguilar ahmad akhtar aziz bakker banerjee barker barrett bauer berg berger bhatt blanc bowen bradshaw braun
bruno burgess cameron chandra chaudhry chowdhury clayton connolly costello dalton desai dekker doherty donnelly doyle
dubey farrell faulkner fernando fournier francis gallagher garrett ghosh gibbons giles goodwin goswami gould greco
haas hakim hansson hartmann hassan hegarty hendriks herrera hewitt hirsch hofmann horvat hossain hussain iqbal
jacobsen jain janssens juarez kane kang kaminski karlsson kato kavanagh keller kemp khalil kovacs kramer krause kruger
lal lam larsson leclerc lehmann lindgren lombardi lopes maguire mahmood maier malik marques mathur mccarthy mcgregor
mckenna menon mishra mohamed mukherjee nair navarro ng nikolaidis nolan nowak nunes obi odell ogden oduya okoro olsson
oyelowo pandey papadopoulos parsons patil pham pillai popescu prasad preston qureshi raman ramsey rasmussen rehman
reilly reis ribeiro riley rizzo roth rowe saleh salazar saunders schafer sethi sheikh sinha soto steele stein strauss
subramanian sutton tait takahashi thapa thomsen tiwari trivedi tudor usman vaughan vogel vos walters weiss whitehead
wojcik yadav yamada yates zielinski
"""
PLACES = """
alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|
illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|
mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey|new mexico|new york|north carolina|
north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|
utah|vermont|virginia|washington|west virginia|wisconsin|wyoming|ontario|quebec|british columbia|alberta|
manitoba|nova scotia|bavaria|saxony|tuscany|sicily|catalonia|andalusia|brittany|normandy|provence|england|
scotland|wales|northern ireland|cornwall|devon|kent|yorkshire|essex|sussex|surrey|europe|asia|africa|
south america|north america|central america|middle east|scandinavia|uk|usa|us|eu|uae|u.s.|u.k.|united
kingdom|united states|america|britain|great britain|holland|czech republic|new york city|nyc|los angeles|la|
san francisco|sf|bay area|silicon valley|brooklyn|manhattan|queens|bronx|harlem|washington dc|dc|vegas|las
vegas|philly|london|paris|berlin|munich|hamburg|frankfurt|cologne|vienna|zurich|geneva|madrid|barcelona|
valencia|seville|lisbon|porto|rome|milan|naples|turin|florence|venice|amsterdam|rotterdam|the hague|
brussels|antwerp|dublin|cork|edinburgh|glasgow|manchester|birmingham|leeds|liverpool|bristol|cardiff|
belfast|stockholm|oslo|copenhagen|helsinki|reykjavik|warsaw|krakow|prague|budapest|bucharest|sofia|athens|
istanbul|ankara|moscow|kyiv|kiev|dubai|abu dhabi|doha|riyadh|tel aviv|jerusalem|cairo|casablanca|lagos|
nairobi|johannesburg|cape town|mumbai|delhi|new delhi|bangalore|bengaluru|chennai|kolkata|hyderabad|pune|
karachi|lahore|dhaka|colombo|bangkok|hanoi|jakarta|manila|singapore|kuala lumpur|hong kong|shanghai|
beijing|shenzhen|taipei|seoul|tokyo|osaka|kyoto|sydney|melbourne|brisbane|perth|auckland|wellington|
toronto|montreal|vancouver|ottawa|calgary|mexico city|guadalajara|bogota|lima|santiago|buenos aires|sao
paulo|rio de janeiro|chicago|houston|phoenix|philadelphia|san antonio|san diego|dallas|austin|san jose|
jacksonville|columbus|charlotte|indianapolis|seattle|denver|boston|el paso|nashville|detroit|oklahoma city|
portland|memphis|louisville|baltimore|milwaukee|albuquerque|tucson|fresno|sacramento|kansas city|atlanta|
omaha|raleigh|miami|oakland|minneapolis|tulsa|tampa|new orleans|cleveland|honolulu|pittsburgh|cincinnati|
st. louis|st louis|orlando|buffalo|newark|salt lake city|boise|spokane|rochester|des moines|richmond|
hartford|heathrow|gatwick|stansted|luton|o'hare|midway|laguardia|schiphol|deutschland|frankreich|spanien|
italien|österreich|schweiz|münchen|köln|wien|zürich|nürnberg|düsseldorf|stuttgart|leipzig|dresden|
hannover|bremen|espana|francia|italia|alemania|inglaterra|milano|roma|torino|napoli|firenze|venezia|
lisboa|lyon|marseille|bordeaux|toulouse|nantes|lille|strasbourg|nederland|belgie|duitsland|utrecht|
eindhoven|den haag|
caribbean|midwest|new england|pacific northwest|southern california|northern california|socal|norcal|southeast asia|
far east|balkans|latin america|west indies|east coast|west coast|soviet union|viet nam|ivory coast|cayman islands|
turks and caicos|canary islands|tenerife|gran canaria|lanzarote|mallorca|majorca|ibiza|malaga|alicante|bilbao|
granada|zaragoza|faro|algarve|madeira|azores|funchal|crete|corfu|rhodes|santorini|mykonos|kos|sardinia|corsica|
verona|bologna|bari|palermo|pisa|genoa|trieste|innsbruck|salzburg|graz|linz|basel|bern|lausanne|lugano|ghent|bruges|
leuven|maastricht|groningen|rennes|grenoble|montpellier|dijon|reims|rouen|biarritz|nuremberg|dusseldorf|hanover|
bonn|mannheim|gothenburg|malmo|bergen|stavanger|trondheim|aarhus|billund|aalborg|tampere|turku|tallinn|riga|vilnius|
minsk|gdansk|wroclaw|poznan|lodz|brno|bratislava|ljubljana|zagreb|split|dubrovnik|belgrade|sarajevo|skopje|tirana|
varna|thessaloniki|izmir|antalya|tbilisi|yerevan|baku|tashkent|almaty|kathmandu|goa|jaipur|jodhpur|udaipur|agra|
varanasi|lucknow|ahmedabad|surat|nagpur|indore|bhopal|kochi|cochin|coimbatore|visakhapatnam|chandigarh|amritsar|
gurgaon|noida|punjab|gujarat|kerala|rajasthan|maharashtra|tamil nadu|karnataka|islamabad|rawalpindi|peshawar|
chittagong|phuket|chiang mai|pattaya|bali|denpasar|saigon|ho chi minh city|phnom penh|siem reap|cebu|davao|macau|
guangzhou|chengdu|wuhan|nanjing|tianjin|xian|busan|nagoya|sapporo|fukuoka|hiroshima|okinawa|yokohama|adelaide|
canberra|hobart|darwin|cairns|gold coast|queensland|new south wales|tasmania|christchurch|dunedin|queenstown|fiji|
maui|oahu|kauai|guam|puerto rico|san juan|havana|kingston|montego bay|punta cana|cancun|tijuana|monterrey|puebla|
cozumel|cabo|panama city|san salvador|medellin|cali|cartagena|quito|guayaquil|la paz|cusco|asuncion|montevideo|
rosario|cordoba|mendoza|brasilia|salvador|recife|fortaleza|curitiba|porto alegre|accra|kumasi|abuja|kampala|kigali|
dar es salaam|addis ababa|khartoum|tunis|algiers|marrakech|marrakesh|rabat|durban|pretoria|windhoek|harare|lusaka|
maputo|dakar|beirut|amman|baghdad|tehran|kuwait city|manama|muscat|jeddah|mecca|damascus|edmonton|winnipeg|halifax|
quebec city|saskatoon|regina|hamilton|mississauga|newfoundland|new brunswick|saskatchewan|yukon|ann arbor|
grand rapids|lansing|kalamazoo|flint|toledo|akron|dayton|youngstown|canton|fort wayne|south bend|evansville|gary|
peoria|springfield|rockford|naperville|madison|green bay|kenosha|duluth|st. paul|st paul|saint paul|fargo|
sioux falls|lincoln|wichita|topeka|overland park|norman|little rock|fayetteville|fort smith|jackson|gulfport|
baton rouge|lafayette|shreveport|mobile|montgomery|huntsville|tuscaloosa|knoxville|chattanooga|clarksville|
lexington|bowling green|charleston|huntington|norfolk|virginia beach|roanoke|arlington|alexandria|fairfax|bethesda|
annapolis|wilmington|dover|trenton|jersey city|hoboken|princeton|atlantic city|camden|allentown|scranton|harrisburg|
erie|lancaster|bethlehem|syracuse|albany|yonkers|white plains|long island|staten island|ithaca|poughkeepsie|
stamford|new haven|bridgeport|providence|newport|worcester|cambridge|somerville|lowell|salem|cape cod|nantucket|
burlington|montpelier|bangor|nashua|concord|greensboro|winston-salem|durham|chapel hill|asheville|greenville|
columbia|myrtle beach|hilton head|savannah|augusta|macon|tallahassee|gainesville|fort lauderdale|ft. lauderdale|
ft lauderdale|west palm beach|boca raton|key west|miami beach|sarasota|st. petersburg|clearwater|daytona beach|
pensacola|fort myers|ft. myers|kissimmee|tampa bay|fort worth|ft. worth|ft worth|plano|irving|garland|lubbock|
amarillo|midland|odessa|laredo|corpus christi|galveston|waco|santa fe|las cruces|roswell|flagstaff|sedona|
scottsdale|tempe|mesa|chandler|glendale|henderson|reno|carson city|lake tahoe|provo|ogden|park city|
colorado springs|boulder|fort collins|aspen|vail|cheyenne|casper|jackson hole|billings|bozeman|missoula|helena|
butte|idaho falls|tacoma|bellevue|olympia|everett|walla walla|eugene|bend|medford|anchorage|fairbanks|juneau|
santa monica|malibu|pasadena|long beach|anaheim|irvine|orange county|riverside|san bernardino|palm springs|
bakersfield|stockton|modesto|berkeley|palo alto|mountain view|cupertino|sunnyvale|santa clara|napa|sonoma|
santa cruz|monterey|santa barbara|hollywood|beverly hills|burbank|compton|times square|central park|wall street|
broadway|grand canyon|yellowstone|yosemite|niagara falls|mount rushmore|statue of liberty|golden gate bridge|
brighton|bournemouth|southampton|portsmouth|plymouth|exeter|truro|bath|swindon|oxford|reading|slough|croydon|
milton keynes|northampton|leicester|nottingham|derby|coventry|wolverhampton|stoke-on-trent|stoke|norwich|ipswich|
colchester|peterborough|sheffield|bradford|york|hull|scarborough|harrogate|huddersfield|wakefield|doncaster|
middlesbrough|sunderland|newcastle|carlisle|preston|blackpool|bolton|stockport|salford|chester|crewe|shrewsbury|
swansea|wrexham|aberdeen|dundee|inverness|stirling|leith|derry|galway|limerick|waterford|isle of wight|isle of man|
jersey|guernsey|cotswolds|lake district|heathrow airport|gatwick airport|dulles|reagan national|logan|sky harbor|
hartsfield|love field|hobby airport|newark liberty|penn station|grand central|union station|charles de gaulle|orly|
barajas|fiumicino|malpensa|narita|haneda|changi
"""
AIRPORTS = """
abe abq akl alb ama ams anc arn ase ath atl auh aus avl avp bcn bdl ber bfl bfs bhm bhx bkk bna bne bog boi bom bos
bru bsl btv bud buf bur bwi bzn cai cdg cgk cgn chc cho chs cle clt cmh cmn cph cpt crp cta ctu cun cvg dal dca del
den dfw doh dsm dtw dub dus dxb edi ege elp ewr eze fai fco fll fra fwa geg gig gla grr gru gso gsp gva han hdn hel
hkg hnd hnl hou hpn iad iah icn ict ind isp ist jac jax jfk jnb jnu koa kul las lax lbb lca lex lga lgw lhr lih lim
lir lis lpl lys mad man mbj mci mco mel mex mht mia mke mnl mrs mry msn mso msp msy muc mxp myr nas nbo nce nrt oak
ogg okc oma ont ord orf ory osl pdx pek phf phl phx pit prg psp pty puj pvd pvg pwm rdu ric rno roa roc rsw ruh san
sat sav sba scl sdf sea sfo sgn shv sin sjc sjo sju skg slc smf sna stl stn stt stx swf syd syr szx tlv tpa tpe tul
tus txl tys vce vie waw yul yvr yyz zrh
"""
AIRPORT_MOST = 3
"""Letters of an airport's code: it counts only in capitals."""

_DETAIL = re.compile(r"[,/(]| - |\d")


def places(least: int = 1) -> set[str]:
    """Names of places, folded: those above, countries, and towns of the public numbering plans (``least``: how often)."""
    return {folded(name) for name in chosen(PLACES)} | set(countries()) | set(towns(least))


def chosen(text: str) -> Iterable[str]:
    return (name.strip() for name in " ".join(text.split()).split("|") if name.strip())


def countries() -> Iterable[str]:
    """Names of countries in the seven languages, from the data of ``phonenumbers`` (Apache-2.0)."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    for names in LOCALE_DATA.values():
        for language in ("en", "de", "fr", "es", "it", "pt", "nl"):
            name = names.get(language) or names.get("aa") or ""
            if name.startswith("*"):  # the same as in the language named
                name = names.get(name[1:], "")
            if name:
                yield folded(name)


def towns(least: int) -> Iterable[str]:
    """Towns with at least ``least`` number ranges in English, from the data of ``phonenumbers``."""
    from phonenumbers.geodata import GEOCODE_DATA

    counts = Counter(
        folded(_DETAIL.split(name)[0].strip()) for names in GEOCODE_DATA.values() if (name := names.get("en"))
    )
    return (name for name, count in counts.items() if count >= least and len(name) > 2)
